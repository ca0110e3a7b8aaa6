package io.shoal.intake.torrents;

import io.quarkus.scheduler.Scheduled;
import io.shoal.contracts.Generation;
import io.shoal.contracts.TorrentId;
import io.shoal.contracts.topics.SliceKey;
import io.shoal.contracts.topics.Topic;
import io.shoal.intake.duties.Duties;
import io.shoal.intake.duties.Duty;
import io.shoal.intake.outbox.Outbox;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.transaction.Transactional;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/** How a life ends: orphaned until the grace is over, removed until storage has purged it, then forgotten. */
@ApplicationScoped
public class TorrentLifecycle {
    private static final int BATCH = 200;

    private final Torrents torrents;
    private final Sequences sequences;
    private final Outbox outbox;
    private final Duties duties;
    private final Duration grace;

    TorrentLifecycle(
            Torrents torrents,
            Sequences sequences,
            Outbox outbox,
            Duties duties,
            @ConfigProperty(name = "shoal.orphan-grace") Duration grace) {
        this.torrents = torrents;
        this.sequences = sequences;
        this.outbox = outbox;
        this.duties = duties;
        this.grace = grace;
    }

    /** Removes those whose grace is over. */
    @Scheduled(
            every = "1s",
            concurrentExecution = Scheduled.ConcurrentExecution.SKIP,
            skipExecutionIf = Scheduled.ApplicationNotRunning.class)
    void endGrace() {
        duties.runInBatches(Duty.ENDING_GRACE, () -> {
            List<Torrent> over = torrents.orphanedBefore(Instant.now().minus(grace), BATCH);
            over.forEach(this::remove);
            return over.size() == BATCH;
        });
    }

    /** Inside a transaction with the torrent locked: its generation ends now. */
    public void remove(Torrent torrent) {
        if (torrent.state() == TorrentState.LIVE) {
            outbox.dirty(Topic.SLICES, new SliceKey.OfTorrent(torrent.id(), 0).toString());
        }
        torrent.remove(sequences.nextRev());
        outbox.dirty(Topic.TORRENTS, torrent.id().value());
    }

    /** Nothing of {@code purged} and of lower generations is stored any more. */
    @Transactional
    public void purged(TorrentId id, Generation purged) {
        Optional<Torrent> over = torrents.lock(id)
                .filter(torrent -> torrent.state() == TorrentState.REMOVED)
                .filter(torrent -> torrent.generation().compareTo(purged) <= 0);
        over.ifPresent(torrent -> {
            torrents.delete(torrent);
            outbox.dirty(Topic.TORRENTS, id.value());
        });
    }
}
