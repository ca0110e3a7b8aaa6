/** The bounds of the engine. */
@NullMarked
package io.shoal.engine.limits;

import org.jspecify.annotations.NullMarked;
