package io.shoal.intake.planning;

import io.quarkus.scheduler.Scheduled;
import io.shoal.contracts.topics.SliceKey;
import io.shoal.contracts.topics.Topic;
import io.shoal.intake.duties.Duties;
import io.shoal.intake.duties.Duty;
import io.shoal.intake.outbox.Outbox;
import io.shoal.intake.quotas.QuotaExceededException;
import io.shoal.intake.quotas.Quotas;
import io.shoal.intake.torrents.Sequences;
import io.shoal.intake.torrents.Sources;
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
    private final Quotas quotas;
    private final Duties duties;
    private final Duration patience;

    Resolves(
            Transfers transfers,
            Sequences sequences,
            Outbox outbox,
            Quotas quotas,
            Duties duties,
            @ConfigProperty(name = "shoal.metadata-patience") Duration patience) {
        this.transfers = transfers;
        this.sequences = sequences;
        this.outbox = outbox;
        this.quotas = quotas;
        this.duties = duties;
        this.patience = patience;
    }

    /**
     * Inside a transaction: the search begins, or begins again.
     *
     * @throws QuotaExceededException if the tenant has as many searches as it may
     */
    void begin(Transfer transfer, String magnet) {
        if (!transfer.paused()) {
            quotas.reserveSearch(transfer.tenant());
        }
        transfer.resolve(magnet, sequences.nextRev());
        dirty(transfer);
    }

    /**
     * Inside a transaction: the search is paused or continues.
     *
     * @throws QuotaExceededException if it continues and the tenant has as many searches as it may
     */
    void pause(Transfer transfer, boolean paused) {
        if (transfer.paused() && !paused) {
            quotas.reserveSearch(transfer.tenant());
        }
        transfer.pause(paused, sequences.nextRev());
        dirty(transfer);
    }

    /** Inside a transaction: the tenant gives other trackers for a transfer that is not planned; a search for its metadata uses them. */
    void changeSources(Transfer transfer, Sources sources) {
        transfer.changeSources(sources, sequences.nextRev());
        end(transfer);
    }

    /** Inside a transaction: the tenant asks for an announce of the search for the metadata of a transfer. */
    void reannounce(Transfer transfer) {
        if (transfer.search().reannounce(Instant.now(), sequences::nextRev)) {
            dirty(transfer);
        }
    }

    /** Inside a transaction: the tenant of a transfer is suspended or resumed; a search for its metadata follows. */
    void suspend(Transfer transfer, boolean suspended) {
        transfer.suspend(suspended, sequences.nextRev());
        end(transfer);
    }

    /** Inside a transaction: the search of this transfer, if there was one, may be over. */
    void end(Transfer transfer) {
        if (transfer.magnet() != null) {
            dirty(transfer);
        }
    }

    /** Inside a transaction: the operator denies the torrent of this transfer; a search is over. */
    void deny(Transfer transfer) {
        transfer.deny();
        end(transfer);
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
