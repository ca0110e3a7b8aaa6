package io.shoal.intake.planning;

import io.shoal.contracts.Generation;
import io.shoal.contracts.TorrentId;
import io.shoal.intake.torrents.TorrentState;
import io.shoal.intake.torrents.Torrents;
import io.shoal.intake.wishes.Wishes;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.transaction.Transactional;

/** Reacts to the loss of stored segments: they are downloaded again. */
@ApplicationScoped
public class LostSegmentHandler {
    private final Torrents torrents;
    private final Wishes wishes;

    LostSegmentHandler(Torrents torrents, Wishes wishes) {
        this.torrents = torrents;
        this.wishes = wishes;
    }

    /** Segments of this generation are lost; a report about another generation is ignored. */
    @Transactional
    public void lost(TorrentId id, Generation generation) {
        torrents.lock(id)
                .filter(torrent -> torrent.state() == TorrentState.LIVE)
                .filter(torrent -> torrent.generation().equals(generation))
                .ifPresent(wishes::lost);
    }
}
