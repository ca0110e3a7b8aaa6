package io.shoal.storage.catalog;

import io.shoal.contracts.Generation;
import io.shoal.contracts.TorrentId;

/** One generation of a torrent. */
public record TorrentGeneration(TorrentId torrent, Generation generation) {}
