/** Bencode (BEP 3): the one encoding of metainfo, tracker replies and extension messages, read with bounds. */
@NullMarked
package io.shoal.bittorrent.bencode;

import org.jspecify.annotations.NullMarked;
