package io.shoal.intake.wishes;

import io.shoal.contracts.TorrentId;

/** A tenant's wish about this torrent has changed: the last report about it may mean something else now. */
public record WishChanged(TorrentId torrent) {}
