package io.shoal.intake.planning;

import io.quarkus.scheduler.Scheduled;
import io.shoal.contracts.topics.SliceKey;
import io.shoal.contracts.topics.Topic;
import io.shoal.intake.duties.Duties;
import io.shoal.intake.duties.Duty;
import io.shoal.intake.outbox.Outbox;
import io.shoal.intake.torrents.Sequences;
import io.shoal.intake.transfers.Failure;
import io.shoal.intake.transfers.Transfer;
import io.shoal.intake.transfers.Transfers;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.time.Instant;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/** The searches for magnets' metadata: each is a slice of its own, until its transfer is planned, given up or removed. */
@ApplicationScoped
public class Resolves {
    private static final int BATCH = 200;

    private final Transfers transfers;
    private final Sequences sequences;
    private final Outbox outbox;
    private final Duties duties;
    private final Duration patience;

    Resolves(
            Transfers transfers,
            Sequences sequences,
            Outbox outbox,
            Duties duties,
            @ConfigProperty(name = "shoal.metadata-patience") Duration patience) {
        this.transfers = transfers;
        this.sequences = sequences;
        this.outbox = outbox;
        this.duties = duties;
        this.patience = patience;
    }

    /** Inside a transaction: the search begins, or begins again. */
    void begin(Transfer transfer, String magnet) {
        transfer.resolve(magnet, sequences.nextRev());
        dirty(transfer);
    }

    /** Inside a transaction: the transfer that is searched for was paused or goes on. */
    void pause(Transfer transfer, boolean paused) {
        transfer.pause(paused, sequences.nextRev());
        dirty(transfer);
    }

    /** Inside a transaction: nobody needs to search for this transfer any more, if anybody did. */
    void end(Transfer transfer) {
        if (transfer.magnet() != null) {
            dirty(transfer);
        }
    }

    /** Inside a transaction: the search is over, without a torrent. */
    void fail(Transfer transfer, Failure failure) {
        transfer.fail(failure);
        dirty(transfer);
    }

    @Scheduled(
            every = "1m",
            concurrentExecution = Scheduled.ConcurrentExecution.SKIP,
            skipExecutionIf = Scheduled.ApplicationNotRunning.class)
    void giveUp() {
        duties.run(
                Duty.GIVING_UP,
                () -> transfers
                        .lockResolvingSince(Instant.now().minus(patience), BATCH)
                        .forEach(transfer -> fail(transfer, Failure.NO_METADATA)));
    }

    private void dirty(Transfer transfer) {
        outbox.dirty(Topic.SLICES, new SliceKey.OfResolve(transfer.id()).toString());
    }
}
