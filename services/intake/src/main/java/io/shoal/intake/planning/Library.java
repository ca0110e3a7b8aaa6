package io.shoal.intake.planning;

import io.quarkus.narayana.jta.QuarkusTransaction;
import io.shoal.bittorrent.metainfo.About;
import io.shoal.bittorrent.paths.CleanPath;
import io.shoal.contracts.TorrentId;
import io.shoal.contracts.objects.ObjectKeys;
import io.shoal.intake.admission.DenyList;
import io.shoal.intake.infos.FileLayout;
import io.shoal.intake.infos.InfoStore;
import io.shoal.intake.planning.Planner.Added;
import io.shoal.intake.quotas.QuotaExceededException;
import io.shoal.intake.quotas.Quotas;
import io.shoal.intake.tenants.Tenants;
import io.shoal.intake.torrents.Owners;
import io.shoal.intake.torrents.Sources;
import io.shoal.intake.torrents.Torrent;
import io.shoal.intake.torrents.TorrentState;
import io.shoal.intake.torrents.Torrents;
import io.shoal.intake.transactions.RetryConflicts;
import io.shoal.intake.transfers.AddOptions;
import io.shoal.intake.transfers.TooManyLabelsException;
import io.shoal.intake.transfers.Transfer;
import io.shoal.intake.transfers.TransferState;
import io.shoal.intake.transfers.Transfers;
import io.shoal.intake.transfers.VisibleLibrary;
import io.shoal.intake.wishes.Wishes;
import io.shoal.objectstore.StoreUnavailableException;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.transaction.Transactional;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** What a tenant does with its library: adds torrents, changes its wishes, removes transfers. */
@ApplicationScoped
@RetryConflicts
public class Library {
    private final Tenants tenants;
    private final Torrents torrents;
    private final Transfers transfers;
    private final TransferLocks locks;
    private final InfoStore infos;
    private final Planner planner;
    private final Resolves resolves;
    private final Wishes wishes;
    private final TransferFiling filing;
    private final Quotas quotas;
    private final DenyList denied;

    Library(
            Tenants tenants,
            Torrents torrents,
            Transfers transfers,
            TransferLocks locks,
            InfoStore infos,
            Planner planner,
            Resolves resolves,
            Wishes wishes,
            TransferFiling filing,
            Quotas quotas,
            DenyList denied) {
        this.tenants = tenants;
        this.torrents = torrents;
        this.transfers = transfers;
        this.locks = locks;
        this.infos = infos;
        this.planner = planner;
        this.resolves = resolves;
        this.wishes = wishes;
        this.filing = filing;
        this.quotas = quotas;
        this.denied = denied;
    }

    /**
     * Adds a torrent to a library, or finds the transfer that has it already. A magnet finds the transfer of its .torrent and
     * the other way round; a .torrent that comes while its magnet is searched for ends the search. A magnet that was given up
     * is searched for again.
     *
     * @param library in which the submission sees transfers: what it adds is visible there
     * @throws StoreUnavailableException nothing has changed
     * @throws DeniedException if the operator denies the torrent
     * @throws QuotaExceededException if the tenant may not have it
     * @throws HiddenTransferException if the library has it where the submission does not see it; nothing has changed
     * @throws TooManyLabelsException if it would have too many with that of the library
     */
    public Added add(VisibleLibrary library, Submission submission) throws StoreUnavailableException {
        AddOptions options = submission.options().in(library);
        return switch (submission) {
            case Submission.OfMetainfo metainfo ->
                planned(metainfo.layout(), metainfo.sources(), new Plan.Submitted(options, metainfo.about(), library));
            case Submission.OfMagnet magnet ->
                addMagnet(library, new Submission.OfMagnet(magnet.uri(), magnet.magnet(), options));
        };
    }

    private Added addMagnet(VisibleLibrary library, Submission.OfMagnet magnet) throws StoreUnavailableException {
        Searched searched = QuarkusTransaction.requiringNew().call(() -> search(library, magnet));
        return switch (searched) {
            case Searched.Here(Added added) -> added;
            case Searched.Kept(ObjectKeys keys) ->
                infos.withInfo(
                        keys,
                        layout -> planned(
                                layout,
                                magnet.sources(),
                                new Plan.Submitted(magnet.options(), About.NOTHING, library)));
        };
    }

    private Added planned(FileLayout layout, Sources sources, Plan.Submitted cause) throws StoreUnavailableException {
        return planner.plan(Plan.of(cause.library().tenant(), layout, sources, cause))
                .orElseThrow();
    }

    /** What the library says to a magnet. */
    private sealed interface Searched {
        /** Its transfer is here. */
        record Here(Added added) implements Searched {}

        /** The torrent's metadata is here: the pool has it, or it is kept from a transfer that was removed a moment ago. */
        record Kept(ObjectKeys keys) implements Searched {}
    }

    private Searched search(VisibleLibrary library, Submission.OfMagnet magnet) {
        UUID tenant = library.tenant();
        TorrentId own = Owners.own(tenant).torrent(magnet.infoHash());
        torrents.reserve(own);
        Optional<Transfer> there = transfers.lock(tenant, magnet.infoHash());
        if (denied.denies(magnet.hashes())) {
            throw new DeniedException();
        }
        if (there.isPresent() && !library.has(there.get())) {
            throw new HiddenTransferException();
        }
        if (there.isPresent() && !mayBePlanned(there.get())) {
            return new Searched.Here(found(there.get()));
        }
        @Nullable
        UUID pool = there.isPresent()
                ? there.get().pool()
                : tenants.hold(tenant).orElseThrow(TenantGoneException::new).pool();
        boolean privateAsked =
                there.map(Transfer::privateAsked).orElse(magnet.options().privateAsked());
        Optional<Torrent> known = known(Owners.of(tenant, pool, privateAsked).torrent(magnet.infoHash()))
                .or(() -> known(own));
        if (known.isPresent()) {
            return new Searched.Kept(known.get().keys());
        }
        if (there.isPresent()) {
            if (there.get().state() == TransferState.FAILED) {
                resolves.begin(there.get(), magnet.uri());
            }
            return new Searched.Here(found(there.get()));
        }
        return new Searched.Here(new Added(newSearch(tenant, pool, magnet), null, true));
    }

    private static boolean mayBePlanned(Transfer transfer) {
        return transfer.awaitsMetadata() || transfer.state() == TransferState.FAILED;
    }

    private Added found(Transfer transfer) {
        return new Added(transfer, transfer.torrent().flatMap(torrents::find).orElse(null), false);
    }

    /** The torrent, if its metadata is still kept. */
    private Optional<Torrent> known(TorrentId id) {
        return torrents.find(id).filter(torrent -> torrent.state() != TorrentState.REMOVED);
    }

    private Transfer newSearch(UUID tenant, @Nullable UUID pool, Submission.OfMagnet magnet) {
        String said = magnet.magnet().name();
        String name = said == null ? magnet.infoHash().hex() : CleanPath.name(said);
        Transfer transfer = new Transfer(tenant, pool, magnet.infoHash(), name, magnet.sources(), magnet.options());
        filing.admit(transfer, magnet.options().filing().category(), 0);
        resolves.begin(transfer, magnet.uri());
        transfers.persist(transfer);
        return transfer;
    }

    /** Removes a transfer from a library; whether it was visible there. */
    @Transactional
    public boolean remove(VisibleLibrary library, UUID id) {
        Optional<TransferLocks.Locked> locked = locks.lock(library, id);
        locked.ifPresent(this::remove);
        return locked.isPresent();
    }

    /**
     * Inside a transaction: removes a transfer from the library of a tenant that is being deleted, if it is there. The tenant's
     * usage goes with the tenant; the row that counts it is not locked for the length of a batch.
     */
    void removeOfDeleted(UUID tenant, UUID id) {
        locks.lock(VisibleLibrary.whole(tenant), id).ifPresent(this::delete);
    }

    /** As {@link #removeOfDeleted}, for a transfer that is locked and not planned. */
    void removeUnplannedOfDeleted(Transfer transfer) {
        delete(new TransferLocks.Locked(transfer, null));
    }

    private void remove(TransferLocks.Locked locked) {
        delete(locked);
        quotas.release(locked.transfer().tenant(), 1, locked.transfer().charge().bytes());
    }

    private void delete(TransferLocks.Locked locked) {
        Transfer transfer = locked.transfer();
        resolves.end(transfer);
        boolean planned = transfer.isPlanned();
        transfers.delete(transfer);
        if (planned) {
            wishes.afterRemoval(locked.torrent());
        }
    }
}
