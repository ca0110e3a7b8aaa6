/** The content of a .torrent (BEP 3, 12, 19, 27, 47), parsed once into values that cannot be invalid. */
@NullMarked
package io.shoal.bittorrent.metainfo;

import org.jspecify.annotations.NullMarked;
