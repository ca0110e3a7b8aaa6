/** The bounds of the engine: what is counted is counted against a number from here. */
@NullMarked
package io.shoal.engine.limits;

import org.jspecify.annotations.NullMarked;
