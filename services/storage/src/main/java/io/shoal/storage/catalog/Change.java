package io.shoal.storage.catalog;

import io.shoal.contracts.TorrentId;
import io.shoal.contracts.records.StatusRecord;
import io.shoal.contracts.records.TorrentRecord;

/** A report of another service that the catalog applies. Applying it twice, or after a newer one, changes nothing. */
public sealed interface Change {
    /** Returns the torrent that it reports on. */
    TorrentId torrent();

    /** What intake wants of a torrent. */
    record Desired(TorrentId torrent, TorrentRecord record) implements Change {}

    /** Intake has read that the last generation is purged, and has deleted the torrent. */
    record Ended(TorrentId torrent) implements Change {}

    /** What the owner of a slice has stored. */
    record Observed(TorrentId torrent, int slice, StatusRecord record) implements Change {}
}
