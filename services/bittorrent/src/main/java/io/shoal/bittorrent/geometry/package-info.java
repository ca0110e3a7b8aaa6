/** Where the bytes of a torrent lie: in pieces and blocks on the wire, in files for the reader, in segments in the store. */
@NullMarked
package io.shoal.bittorrent.geometry;

import org.jspecify.annotations.NullMarked;
