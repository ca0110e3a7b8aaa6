package io.shoal.intake.planning;

import io.quarkus.scheduler.Scheduled;
import io.shoal.contracts.TorrentId;
import io.shoal.contracts.topics.SliceKey;
import io.shoal.contracts.topics.Topic;
import io.shoal.intake.duties.Duties;
import io.shoal.intake.duties.Duty;
import io.shoal.intake.outbox.Outbox;
import io.shoal.intake.quotas.TorrentRates;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.List;

/** Keeps the shares that torrents have of the rates of their tenants and pools in line with the quotas and the number of torrents. */
@ApplicationScoped
class RateShares {
    private static final int BATCH = 1_000;

    private final TorrentRates rates;
    private final Outbox outbox;
    private final Duties duties;

    RateShares(TorrentRates rates, Outbox outbox, Duties duties) {
        this.rates = rates;
        this.outbox = outbox;
        this.duties = duties;
    }

    @Scheduled(
            every = "2s",
            concurrentExecution = Scheduled.ConcurrentExecution.SKIP,
            skipExecutionIf = Scheduled.ApplicationNotRunning.class)
    void sweep() {
        duties.runInBatches(Duty.SHARING_RATES, this::correctSome);
    }

    /** Returns whether there may be more to do. */
    private boolean correctSome() {
        List<String> changed = rates.correct(BATCH);
        if (!changed.isEmpty()) {
            outbox.dirtyLater(
                    Topic.SLICES,
                    changed.stream()
                            .map(id -> new SliceKey.OfTorrent(new TorrentId(id), 0).toString())
                            .toList());
        }
        return changed.size() == BATCH;
    }
}
