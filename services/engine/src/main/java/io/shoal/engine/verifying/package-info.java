/** Who lied, when a piece is wrong. */
@NullMarked
package io.shoal.engine.verifying;

import org.jspecify.annotations.NullMarked;
