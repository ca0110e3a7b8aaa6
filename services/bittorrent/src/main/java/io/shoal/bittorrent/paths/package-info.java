/** Cleans names from a torrent, which are untrusted data, for headers, archives and listings. */
@NullMarked
package io.shoal.bittorrent.paths;

import org.jspecify.annotations.NullMarked;
