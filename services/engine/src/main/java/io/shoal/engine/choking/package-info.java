/** Whom to give to. */
@NullMarked
package io.shoal.engine.choking;

import org.jspecify.annotations.NullMarked;
