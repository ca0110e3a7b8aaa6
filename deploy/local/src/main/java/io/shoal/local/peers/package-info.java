/** BitTorrent peers outside the platform, which meet it only through a tracker. */
@NullMarked
package io.shoal.local.peers;

import org.jspecify.annotations.NullMarked;
