package io.shoal.intake.planning;

import io.quarkus.narayana.jta.QuarkusTransaction;
import io.quarkus.scheduler.Scheduled;
import io.shoal.intake.duties.Duties;
import io.shoal.intake.duties.Duty;
import io.shoal.intake.infos.InfoStore;
import io.shoal.intake.transfers.Transfer;
import io.shoal.intake.transfers.Transfers;
import io.shoal.objectstore.StoreUnavailableException;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.jboss.logging.Logger;

/**
 * Deletes resolved metadata that no transfer needs. A worker may write it after the transfer was removed or planned otherwise,
 * so nothing but a look at the store finds all of it. The ids of transfers are never used again, and a transfer that is planned
 * and not blocked needs none: so what is deleted cannot become needed meanwhile.
 */
@ApplicationScoped
class MetadataSweep {
    private static final Logger LOG = Logger.getLogger(MetadataSweep.class);
    private static final int BATCH = 1_000;

    private final Transfers transfers;
    private final InfoStore infos;
    private final Duties duties;

    MetadataSweep(Transfers transfers, InfoStore infos, Duties duties) {
        this.transfers = transfers;
        this.infos = infos;
        this.duties = duties;
    }

    /** Deletes all that is not needed now. */
    @Scheduled(
            every = "10m",
            delayed = "1m",
            concurrentExecution = Scheduled.ConcurrentExecution.SKIP,
            skipExecutionIf = Scheduled.ApplicationNotRunning.class)
    void sweep() {
        duties.run(Duty.SWEEPING_METADATA, () -> {
            try {
                List<UUID> found = infos.resolvedTransfers();
                for (int from = 0; from < found.size(); from += BATCH) {
                    delete(found.subList(from, Math.min(from + BATCH, found.size())));
                }
            } catch (StoreUnavailableException e) {
                LOG.warnf("resolved metadata waits to be swept: %s", e);
            }
        });
    }

    private void delete(List<UUID> found) throws StoreUnavailableException {
        Set<UUID> unneeded = new HashSet<>(found);
        QuarkusTransaction.requiringNew().call(() -> transfers.list("id in ?1", found)).stream()
                .filter(transfer -> !transfer.isPlanned() || transfer.isBlocked())
                .map(Transfer::id)
                .forEach(unneeded::remove);
        if (!unneeded.isEmpty()) {
            LOG.infof("resolved metadata of %d transfers is not needed and is deleted", unneeded.size());
            infos.deleteResolved(List.copyOf(unneeded));
        }
    }
}
