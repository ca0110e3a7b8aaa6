package io.shoal.intake.planning;

import io.quarkus.narayana.jta.QuarkusTransaction;
import io.quarkus.scheduler.Scheduled;
import io.shoal.intake.duties.Duties;
import io.shoal.intake.duties.Duty;
import io.shoal.intake.transfers.Found;
import io.shoal.intake.transfers.Transfer;
import io.shoal.intake.transfers.TransferLists;
import io.shoal.intake.transfers.Transfers;
import io.shoal.intake.transfers.VisibleLibrary;
import io.shoal.intake.wishes.Wishes;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.time.Instant;
import java.util.UUID;
import org.jboss.logging.Logger;

/**
 * Ends the seeding of transfers that have met a goal of time. Each transfer with such a goal has a moment at which it has to be looked at;
 * those whose moment has come are found by an index, and each is handled in a transaction of its own. A transfer that turns out to have been
 * active gets another moment.
 *
 * <p>Idleness ends nothing while this replica does not know what the fleet reports.
 */
@ApplicationScoped
public class SeedingLimits {
    private static final Logger LOG = Logger.getLogger(SeedingLimits.class);
    private static final int BATCH = 500;

    /** A turn begins nothing after this time: the transaction that keeps the duty must not last. */
    private static final Duration TURN = Duration.ofSeconds(20);

    /** Activity is written once a minute, so by then what was reported before is known. */
    private static final Duration SETTLED = Duration.ofMinutes(2);

    private final Transfers transfers;
    private final TransferLists lists;
    private final TransferLocks locks;
    private final Wishes wishes;
    private final Duties duties;
    private final FleetReports reports;

    SeedingLimits(
            Transfers transfers,
            TransferLists lists,
            TransferLocks locks,
            Wishes wishes,
            Duties duties,
            FleetReports reports) {
        this.transfers = transfers;
        this.lists = lists;
        this.locks = locks;
        this.wishes = wishes;
        this.duties = duties;
        this.reports = reports;
    }

    @Scheduled(
            every = "10s",
            concurrentExecution = Scheduled.ConcurrentExecution.SKIP,
            skipExecutionIf = Scheduled.ApplicationNotRunning.class)
    void turn() {
        duties.run(Duty.ENDING_SEEDING, this::endSome);
    }

    private void endSome() {
        Instant end = Instant.now().plus(TURN);
        boolean isKnown = reports.currentSince()
                .filter(since -> since.isBefore(Instant.now().minus(SETTLED)))
                .isPresent();
        for (UUID id : QuarkusTransaction.requiringNew().call(() -> transfers.goalsDue(Instant.now(), BATCH))) {
            if (!Instant.now().isBefore(end)) {
                return;
            }
            try {
                QuarkusTransaction.requiringNew().run(() -> look(id, isKnown));
            } catch (RuntimeException e) { // most likely away: the next turn tries again
                LOG.warnf(e, "the seeding of transfer %s is ended later", id);
            }
        }
    }

    private void look(UUID id, boolean isKnown) {
        locks.lock(id).ifPresent(locked -> {
            Transfer transfer = locked.transfer();
            Instant activeAt = lists.find(VisibleLibrary.whole(transfer.tenant()), id)
                    .map(Found::activeAt)
                    .orElse(null);
            if (transfer.seedNoLonger(activeAt, isKnown, Instant.now())) {
                wishes.merge(locked.torrent());
            }
        });
    }
}
