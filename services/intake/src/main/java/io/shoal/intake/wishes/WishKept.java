package io.shoal.intake.wishes;

import io.shoal.intake.torrents.Torrent;

/**
 * The merged wish of this torrent is what it was, although a transfer of it has changed: its worker is told nothing, and so reports nothing.
 * It is observed in the transaction that has locked the torrent, because no later one is certain to come.
 */
public record WishKept(Torrent torrent) {}
