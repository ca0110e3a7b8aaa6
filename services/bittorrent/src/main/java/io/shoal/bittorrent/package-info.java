/**
 * The words of BitTorrent as types: hashes and ids that cannot be of the wrong length. Everything in this module is pure:
 * no I/O, no clock, no threads; only who makes a torrent of files lets them be read.
 */
@NullMarked
package io.shoal.bittorrent;

import org.jspecify.annotations.NullMarked;
