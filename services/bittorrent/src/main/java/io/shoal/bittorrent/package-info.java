/**
 * The terms of BitTorrent as types: hashes and ids that cannot have a wrong length. Everything in this module is pure:
 * no I/O, no clock, no threads; only the creation of a torrent from files reads them.
 */
@NullMarked
package io.shoal.bittorrent;

import org.jspecify.annotations.NullMarked;
