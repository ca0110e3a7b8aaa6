package io.shoal.storage.catalog;

import io.shoal.contracts.Generation;
import io.shoal.contracts.TorrentId;
import io.shoal.contracts.records.Bits;
import io.shoal.contracts.records.TorrentRecord;

/** A report of another service that the catalog applies. Applying it twice, or after a newer one, changes nothing. */
public sealed interface Change {
    /** Returns the torrent that it reports on. */
    TorrentId torrent();

    /** What intake wants of a torrent. */
    record Desired(TorrentId torrent, Generation generation, long rev, boolean removed, String infoKey)
            implements Change {
        public Desired(TorrentId torrent, TorrentRecord record) {
            this(torrent, record.gen(), record.rev(), record.state() == TorrentRecord.State.REMOVED, record.infoKey());
        }
    }

    /** Intake has read that the last generation is purged, and has deleted the torrent. */
    record Ended(TorrentId torrent) implements Change {}

    /**
     * What the owner of a slice has stored.
     *
     * @param epoch of the owner
     * @param check how often the owner was asked to list the store again
     */
    record Observed(TorrentId torrent, int slice, Generation generation, long epoch, int check, Bits stored)
            implements Change {}

    /**
     * A slice has no status any more. The catalog keeps what it has until the generation is purged, but an owner that comes later counts
     * its epochs from 1 again.
     */
    record Withdrawn(TorrentId torrent, int slice) implements Change {}
}
