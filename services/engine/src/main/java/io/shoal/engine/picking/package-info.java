/** Which block to ask which peer for, next. */
@NullMarked
package io.shoal.engine.picking;

import org.jspecify.annotations.NullMarked;
