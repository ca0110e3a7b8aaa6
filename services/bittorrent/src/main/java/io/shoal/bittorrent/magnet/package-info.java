/** Magnet links (BEP 9, 53). */
@NullMarked
package io.shoal.bittorrent.magnet;

import org.jspecify.annotations.NullMarked;
