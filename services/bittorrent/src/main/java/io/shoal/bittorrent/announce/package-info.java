/** The messages between client and tracker (BEP 3, 7, 15, 21, 23, 31, 41), as the client sees them. */
@NullMarked
package io.shoal.bittorrent.announce;

import org.jspecify.annotations.NullMarked;
