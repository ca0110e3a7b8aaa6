package io.shoal.storage.catalog;

import io.shoal.contracts.TorrentId;
import io.shoal.contracts.records.StatusRecord;
import io.shoal.contracts.records.TorrentRecord;

/** Something that others said and the catalog takes in. Taking it in twice, or after a newer one, changes nothing. */
public sealed interface Change {
    /** Whose content it is about. */
    TorrentId torrent();

    /** What intake wants of a torrent. */
    record Desired(TorrentId torrent, TorrentRecord record) implements Change {}

    /** Intake has heard that the last generation is purged and forgets the torrent. */
    record Ended(TorrentId torrent) implements Change {}

    /** What the owner of a slice has stored. */
    record Observed(TorrentId torrent, int slice, StatusRecord record) implements Change {}
}
