/** What a client and a tracker tell each other (BEP 3, 7, 15, 21, 23, 31, 41), as the client sees it. */
@NullMarked
package io.shoal.bittorrent.announce;

import org.jspecify.annotations.NullMarked;
