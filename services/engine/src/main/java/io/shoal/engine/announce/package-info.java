/** Announces to trackers, and the peers that they return (BEP 3, 7, 12, 15, 21, 23). */
@NullMarked
package io.shoal.engine.announce;

import org.jspecify.annotations.NullMarked;
