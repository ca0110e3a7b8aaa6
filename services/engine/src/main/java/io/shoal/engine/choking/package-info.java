/** Which peers are unchoked. */
@NullMarked
package io.shoal.engine.choking;

import org.jspecify.annotations.NullMarked;
