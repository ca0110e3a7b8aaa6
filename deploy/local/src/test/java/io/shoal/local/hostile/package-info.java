/** Peers that break the rules. */
@NullMarked
package io.shoal.local.hostile;

import org.jspecify.annotations.NullMarked;
