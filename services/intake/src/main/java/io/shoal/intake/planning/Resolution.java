package io.shoal.intake.planning;

import io.quarkus.narayana.jta.QuarkusTransaction;
import io.shoal.bittorrent.metainfo.Info;
import io.shoal.bittorrent.metainfo.MetainfoException;
import io.shoal.intake.duties.Leases;
import io.shoal.intake.infos.FileLayout;
import io.shoal.intake.infos.InfoStore;
import io.shoal.intake.torrents.Sources;
import io.shoal.intake.transfers.Failure;
import io.shoal.intake.transfers.Transfer;
import io.shoal.intake.transfers.Transfers;
import io.shoal.objectstore.StoreUnavailableException;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.util.Optional;
import java.util.UUID;
import org.jboss.logging.Logger;

/**
 * What happens when a worker reports that it has found a magnet's metadata, and again when a transfer that was over its tenant's
 * quota may be planned. Doing it again does no harm.
 */
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
     * Plans the transfer with the metadata that lies in the store for it, then deletes that. Two replicas may have the report when one
     * takes over from the other, and one of them acts on it: it keeps the lease afterwards, until the other has looked. The lease
     * is for this report alone, so a transfer that is searched for again waits for no lease of its search before.
     *
     * @param rev of the search that the report is about
     * @return whether nothing is left to do; if something is, another replica is at it: ask again, because it may be killed
     */
    public boolean resolved(UUID id, long rev) throws StoreUnavailableException {
        String lease = lease(id, rev);
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

    static String lease(UUID id, long rev) {
        return "resolved/" + id + "/" + rev;
    }

    private boolean isWaiting(UUID id) {
        return find(id).filter(Transfer::awaitsMetadata).isPresent();
    }

    /** Plans the transfer with the metadata that lies in the store for it, then deletes that unless it is still needed. */
    void plan(UUID id) throws StoreUnavailableException {
        Optional<Transfer> waiting = find(id).filter(transfer ->
                transfer.awaitsMetadata() || transfer.hindrances().isOverQuota());
        if (waiting.isPresent()
                && infos.withResolved(id, bytes -> plan(waiting.get(), bytes)).isEmpty()) {
            withoutMetadata(waiting.get());
            return;
        }
        if (!find(id).map(transfer -> transfer.search().keepsMetadata() || transfer.isDenied())
                .orElse(false)) {
            infos.deleteResolved(id);
        }
    }

    private Optional<Transfer> find(UUID id) {
        return QuarkusTransaction.requiringNew().call(() -> transfers.findByIdOptional(id));
    }

    /** Returns whether the metadata could be planned. */
    private boolean plan(Transfer transfer, byte[] bytes) throws StoreUnavailableException {
        Optional<Info> info = parse(bytes).filter(parsed -> parsed.hash().equals(transfer.infoHash()));
        if (info.isEmpty()) {
            LOG.infof("metadata of transfer %s is refused", transfer.id());
            giveUp(transfer.id(), Failure.BAD_METADATA);
            return false;
        }
        planner.plan(Plan.of(transfer.tenant(), FileLayout.of(info.get()), Sources.NONE, new Plan.Resolved()));
        return true;
    }

    /** The info dictionary, if these bytes are one that may be planned. */
    static Optional<Info> parse(byte[] bytes) {
        try {
            return Optional.of(Info.ofOwned(bytes));
        } catch (MetainfoException e) {
            LOG.infof("metadata breaks a rule: %s", e.getMessage());
            return Optional.empty();
        }
    }

    private void withoutMetadata(Transfer transfer) {
        LOG.warnf("transfer %s is said to be resolved, and there is no metadata for it", transfer.id());
        if (transfer.search().keepsMetadata()) {
            giveUp(transfer.id(), Failure.NO_METADATA);
        }
    }

    private void giveUp(UUID id, Failure failure) {
        QuarkusTransaction.requiringNew()
                .run(() -> transfers
                        .lock(id)
                        .filter(transfer -> transfer.awaitsMetadata()
                                || transfer.hindrances().isOverQuota())
                        .ifPresent(transfer -> resolves.fail(transfer, failure)));
    }
}
