package io.shoal.intake.planning;

import io.quarkus.narayana.jta.QuarkusTransaction;
import io.shoal.bittorrent.metainfo.Info;
import io.shoal.bittorrent.metainfo.MetainfoException;
import io.shoal.intake.duties.Leases;
import io.shoal.intake.infos.FileLayout;
import io.shoal.intake.infos.InfoStore;
import io.shoal.intake.planning.Planner.Plan;
import io.shoal.intake.transfers.Failure;
import io.shoal.intake.transfers.Transfer;
import io.shoal.intake.transfers.Transfers;
import io.shoal.objectstore.StoreUnavailableException;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.util.Optional;
import java.util.UUID;
import org.jboss.logging.Logger;

/** Plans the transfer of a magnet once a worker has reported its metadata. Doing it again does no harm. */
@ApplicationScoped
public class Resolution {
    private static final Logger LOG = Logger.getLogger(Resolution.class);

    /** Longer than the store takes to give and to take an info. */
    private static final Duration LEASE = Duration.ofSeconds(60);

    private final Transfers transfers;
    private final InfoStore infos;
    private final Planner planner;
    private final Resolves resolves;
    private final Leases leases;

    Resolution(Transfers transfers, InfoStore infos, Planner planner, Resolves resolves, Leases leases) {
        this.transfers = transfers;
        this.infos = infos;
        this.planner = planner;
        this.resolves = resolves;
        this.leases = leases;
    }

    /**
     * Plans the transfer with the metadata that lies in the store for it, then deletes that. Every replica is told of it, and one
     * of them does it: the lease is kept after it is done, until the others have looked.
     *
     * @return whether nothing is left to do; if something is, another replica is at it: ask again, because it may be killed
     */
    public boolean resolved(UUID id) throws StoreUnavailableException {
        String lease = "resolved/" + id;
        if (!leases.take(lease, LEASE)) {
            return !isWaiting(id);
        }
        boolean done = false;
        try {
            plan(id);
            done = true;
        } finally {
            if (!done) {
                leases.release(lease);
            }
        }
        return true;
    }

    private boolean isWaiting(UUID id) {
        return QuarkusTransaction.requiringNew()
                .call(() -> transfers
                        .findByIdOptional(id)
                        .filter(Transfer::awaitsMetadata)
                        .isPresent());
    }

    private void plan(UUID id) throws StoreUnavailableException {
        Optional<Transfer> waiting = QuarkusTransaction.requiringNew()
                .call(() -> transfers.findByIdOptional(id).filter(Transfer::awaitsMetadata));
        Optional<byte[]> found = waiting.isPresent() ? infos.resolved(id) : Optional.empty();
        if (found.isPresent()) {
            plan(waiting.get(), found.get());
        } else if (waiting.isPresent()) {
            LOG.warnf("transfer %s is said to be resolved, and there is no metadata for it", id);
            return;
        }
        infos.deleteResolved(id);
    }

    private void plan(Transfer transfer, byte[] bytes) throws StoreUnavailableException {
        Info info;
        try {
            info = Info.parse(bytes);
            if (!info.hash().equals(transfer.infoHash())) {
                throw new MetainfoException("info", "must have the hash that the magnet names");
            }
        } catch (MetainfoException e) {
            LOG.infof("metadata of transfer %s is refused: %s", transfer.id(), e.getMessage());
            giveUp(transfer.id());
            return;
        }
        planner.plan(new Plan(transfer.tenant(), FileLayout.of(info), transfer.sources(), null));
    }

    private void giveUp(UUID id) {
        QuarkusTransaction.requiringNew()
                .run(() -> transfers
                        .lock(id)
                        .filter(Transfer::awaitsMetadata)
                        .ifPresent(transfer -> resolves.fail(transfer, Failure.BAD_METADATA)));
    }
}
