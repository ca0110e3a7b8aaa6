/** Which block is requested from which peer next. */
@NullMarked
package io.shoal.engine.picking;

import org.jspecify.annotations.NullMarked;
