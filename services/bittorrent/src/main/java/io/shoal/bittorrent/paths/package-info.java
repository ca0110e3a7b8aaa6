/** Names from a torrent, which are data, made fit for headers, archives and listings: in this one place for all of them. */
@NullMarked
package io.shoal.bittorrent.paths;

import org.jspecify.annotations.NullMarked;
