package io.shoal.intake.planning;

import io.quarkus.narayana.jta.QuarkusTransaction;
import io.shoal.bittorrent.metainfo.Info;
import io.shoal.bittorrent.metainfo.MetainfoException;
import io.shoal.intake.infos.FileLayout;
import io.shoal.intake.infos.InfoStore;
import io.shoal.intake.planning.Planner.Plan;
import io.shoal.intake.transfers.Failure;
import io.shoal.intake.transfers.Transfer;
import io.shoal.intake.transfers.Transfers;
import io.shoal.objectstore.StoreUnavailableException;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.Optional;
import java.util.UUID;
import org.jboss.logging.Logger;

/** What happens when a worker says that it has found a magnet's metadata. Doing it again does no harm. */
@ApplicationScoped
public class Resolution {
    private static final Logger LOG = Logger.getLogger(Resolution.class);

    private final Transfers transfers;
    private final InfoStore infos;
    private final Planner planner;
    private final Resolves resolves;

    Resolution(Transfers transfers, InfoStore infos, Planner planner, Resolves resolves) {
        this.transfers = transfers;
        this.infos = infos;
        this.planner = planner;
        this.resolves = resolves;
    }

    /** Plans the transfer with what lies in the store for it, then deletes that. */
    public void resolved(UUID id) throws StoreUnavailableException {
        Optional<Transfer> waiting = QuarkusTransaction.requiringNew()
                .call(() -> transfers.findByIdOptional(id).filter(Transfer::awaitsMetadata));
        if (waiting.isPresent() && !infos.withResolved(id, bytes -> plan(waiting.get(), bytes))) {
            LOG.warnf("transfer %s is said to be resolved, and there is no metadata for it", id);
            return;
        }
        infos.deleteResolved(id);
    }

    private void plan(Transfer transfer, byte[] bytes) throws StoreUnavailableException {
        Info info;
        try {
            info = Info.ofOwned(bytes);
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
