package io.shoal.intake.planning;

import io.quarkus.narayana.jta.QuarkusTransaction;
import io.quarkus.scheduler.Scheduled;
import io.shoal.intake.duties.Duties;
import io.shoal.intake.duties.Duty;
import io.shoal.intake.infos.InfoStore;
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
 * so only a listing of the store finds all of it.
 *
 * <p>Invariant: metadata is not deleted while a transfer needs it or may begin to need it. The ids of transfers are never used
 * again; a transfer that is planned needs none until it is denied, and its row is locked until its metadata is deleted, so a denial
 * waits and keeps the metadata afterwards.
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
                boolean more = true;
                for (int from = 0; more && from < found.size(); from += BATCH) {
                    more = delete(found.subList(from, Math.min(from + BATCH, found.size())));
                }
            } catch (StoreUnavailableException e) {
                waits(e);
            }
        });
    }

    /** Deletes the metadata that lies at the keys of these transfers, except what is needed; returns whether the store did it. */
    boolean delete(List<UUID> found) {
        return QuarkusTransaction.requiringNew().call(() -> {
            Set<UUID> unneeded = new HashSet<>(found);
            unneeded.removeAll(transfers.existing(found));
            unneeded.addAll(transfers.lockPlannedNotBlocked(found));
            return unneeded.isEmpty() || deleteUnneeded(unneeded);
        });
    }

    private boolean deleteUnneeded(Set<UUID> unneeded) {
        LOG.infof("resolved metadata of %d transfers is not needed and is deleted", unneeded.size());
        try {
            infos.deleteResolved(List.copyOf(unneeded));
            return true;
        } catch (StoreUnavailableException e) {
            waits(e);
            return false;
        }
    }

    private static void waits(StoreUnavailableException failure) {
        LOG.warnf("resolved metadata waits to be swept: %s", failure);
    }
}
