/** Verification of pieces, and which peers lied when one is wrong. */
@NullMarked
package io.shoal.engine.verifying;

import org.jspecify.annotations.NullMarked;
