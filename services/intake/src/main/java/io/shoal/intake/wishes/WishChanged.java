package io.shoal.intake.wishes;

import io.shoal.contracts.TorrentId;

/** A tenant's wish about this torrent has changed: what was reported of it may mean something else now. */
public record WishChanged(TorrentId torrent) {}
