package io.shoal.intake.planning;

import io.quarkus.narayana.jta.QuarkusTransaction;
import io.shoal.bittorrent.InfoHash;
import io.shoal.bittorrent.paths.CleanPath;
import io.shoal.contracts.TorrentId;
import io.shoal.contracts.objects.ObjectKeys;
import io.shoal.intake.accounting.Accounting;
import io.shoal.intake.admission.OperatorRules;
import io.shoal.intake.admission.Passkeys;
import io.shoal.intake.infos.FileLayout;
import io.shoal.intake.infos.InfoStore;
import io.shoal.intake.infos.SegmentShare;
import io.shoal.intake.planning.Planner.Added;
import io.shoal.intake.planning.Planner.Plan;
import io.shoal.intake.tenants.Tenants;
import io.shoal.intake.torrents.Sources;
import io.shoal.intake.torrents.Torrent;
import io.shoal.intake.torrents.TorrentState;
import io.shoal.intake.torrents.Torrents;
import io.shoal.intake.transfers.Transfer;
import io.shoal.intake.transfers.TransferState;
import io.shoal.intake.transfers.Transfers;
import io.shoal.intake.wishes.Selection;
import io.shoal.intake.wishes.Wishes;
import io.shoal.objectstore.StoreUnavailableException;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.transaction.Transactional;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** What a tenant does with its library: adds torrents, changes its wishes, removes transfers. */
@ApplicationScoped
public class Library {
    private final Tenants tenants;
    private final Torrents torrents;
    private final Transfers transfers;
    private final InfoStore infos;
    private final Planner planner;
    private final Resolves resolves;
    private final Wishes wishes;
    private final Passkeys passkeys;
    private final OperatorRules rules;
    private final Accounting accounting;

    Library(
            Tenants tenants,
            Torrents torrents,
            Transfers transfers,
            InfoStore infos,
            Planner planner,
            Resolves resolves,
            Wishes wishes,
            Passkeys passkeys,
            OperatorRules rules,
            Accounting accounting) {
        this.tenants = tenants;
        this.torrents = torrents;
        this.transfers = transfers;
        this.infos = infos;
        this.planner = planner;
        this.resolves = resolves;
        this.wishes = wishes;
        this.passkeys = passkeys;
        this.rules = rules;
        this.accounting = accounting;
    }

    /**
     * Adds a torrent to a library, or finds the transfer that has it already. A magnet finds the transfer of its .torrent and
     * the other way round; a .torrent that comes while its magnet is searched for ends the search. A magnet that was given up
     * is searched for again.
     *
     * @throws StoreUnavailableException nothing has changed
     */
    public Added add(UUID tenant, Submission submission) throws StoreUnavailableException {
        return switch (submission) {
            case Submission.OfMetainfo(FileLayout layout, Sources sources, Transfer.AddOptions options) ->
                planned(new Plan(tenant, layout, sources, options));
            case Submission.OfMagnet magnet -> addMagnet(tenant, magnet);
        };
    }

    private Added addMagnet(UUID tenant, Submission.OfMagnet magnet) throws StoreUnavailableException {
        Searched searched = QuarkusTransaction.requiringNew().call(() -> search(tenant, magnet));
        return switch (searched) {
            case Searched.Here(Added added) -> added;
            case Searched.Kept(ObjectKeys keys) ->
                infos.withInfo(keys, layout -> planned(new Plan(tenant, layout, magnet.sources(), magnet.options())));
        };
    }

    private Added planned(Plan plan) throws StoreUnavailableException {
        return planner.plan(plan).orElseThrow();
    }

    /** What the library says to a magnet. */
    private sealed interface Searched {
        /** Its transfer is here. */
        record Here(Added added) implements Searched {}

        /** The torrent's metadata is still kept, from a transfer that was removed a moment ago. */
        record Kept(ObjectKeys keys) implements Searched {}
    }

    private Searched search(UUID tenant, Submission.OfMagnet magnet) {
        TorrentId id = TorrentId.of(tenant.toString(), magnet.infoHash());
        torrents.reserve(id);
        Optional<Torrent> kept = torrents.lock(id).filter(torrent -> torrent.state() != TorrentState.REMOVED);
        Optional<Transfer> there = transfers.lock(tenant, magnet.infoHash());
        if (there.isPresent() && there.get().state() == TransferState.FAILED) {
            resolves.begin(there.get(), magnet.uri());
        }
        if (there.isPresent()) {
            return new Searched.Here(new Added(there.get().id(), false));
        }
        if (kept.isPresent()) {
            return new Searched.Kept(kept.get().keys());
        }
        if (!tenants.hold(tenant)) {
            throw new TenantGoneException();
        }
        String said = magnet.magnet().name();
        String name = said == null ? magnet.infoHash().hex() : CleanPath.name(said);
        Transfer transfer = new Transfer(tenant, magnet.infoHash(), name, magnet.sources(), magnet.options());
        transfers.persist(transfer);
        resolves.begin(transfer, magnet.uri());
        return new Searched.Here(new Added(transfer.id(), true));
    }

    /**
     * What a tenant changes of its wishes; null leaves things as they are.
     *
     * @param goal the new seeding goal
     */
    public record Change(
            @Nullable Selection wanted,
            @Nullable Boolean paused,
            @Nullable Goal goal) {}

    /**
     * How much is to be given back.
     *
     * @param ratio as a multiple of the wanted bytes; null: seed until removed
     */
    public record Goal(@Nullable Double ratio) {}

    /** What became of a change. */
    public enum Changed {
        DONE,
        /** The library has no such transfer. */
        NO_TRANSFER,
        /** The selection names a file that the torrent does not have. */
        NO_SUCH_FILE
    }

    /** Changes a tenant's wishes about a transfer. */
    public Changed change(UUID tenant, UUID id, Change change) throws StoreUnavailableException {
        Optional<Changed> changed = Optional.empty();
        while (changed.isEmpty()) {
            Optional<FileLayout> layout = change.wanted == null ? Optional.empty() : layoutOf(tenant, id);
            if (change.wanted != null
                    && layout.isPresent()
                    && change.wanted.wrongFor(layout.get()).isPresent()) {
                return Changed.NO_SUCH_FILE;
            }
            changed = QuarkusTransaction.requiringNew().call(() -> apply(tenant, id, change, layout));
        }
        return changed.get();
    }

    /** Empty if the torrent has become known since its layout was asked for: ask again. */
    private Optional<Changed> apply(UUID tenant, UUID id, Change change, Optional<FileLayout> layout) {
        Optional<InfoHash> infoHash = transfers.infoHashOf(tenant, id);
        Optional<Torrent> torrent = infoHash.flatMap(hash -> torrents.lock(TorrentId.of(tenant.toString(), hash)));
        Optional<Transfer> found = infoHash.flatMap(hash -> transfers.lock(id));
        if (found.isEmpty()) {
            return Optional.of(Changed.NO_TRANSFER);
        }
        Transfer transfer = found.get();
        if (change.wanted != null && transfer.isPlanned() != layout.isPresent()) {
            return Optional.empty();
        }
        if (change.wanted != null) {
            wish(transfer, change.wanted, layout);
        }
        if (change.goal != null) {
            transfer.seedTo(change.goal.ratio);
        }
        if (change.paused != null && transfer.awaitsMetadata() && change.paused != transfer.paused()) {
            resolves.pause(transfer, change.paused);
        } else if (change.paused != null) {
            transfer.pause(change.paused, transfer.rev());
        }
        if (transfer.isPlanned()) {
            wishes.merge(torrent.orElseThrow());
        }
        return Optional.of(Changed.DONE);
    }

    private static void wish(Transfer transfer, Selection selection, Optional<FileLayout> layout) {
        if (layout.isPresent()) {
            var wanted = layout.get().exactly(selection.wanted());
            transfer.want(wanted, layout.get().share(wanted));
        } else {
            transfer.want(selection.wanted(), SegmentShare.UNKNOWN);
        }
    }

    private Optional<FileLayout> layoutOf(UUID tenant, UUID id) throws StoreUnavailableException {
        Optional<ObjectKeys> keys = QuarkusTransaction.requiringNew()
                .call(() ->
                        transfers.find(tenant, id).flatMap(Transfer::torrent).flatMap(torrents::find))
                .map(Torrent::keys);
        return keys.isEmpty() ? Optional.empty() : Optional.of(infos.read(keys.get()));
    }

    /** Removes a transfer from a library; whether it was there. */
    @Transactional
    public boolean remove(UUID tenant, UUID id) {
        Optional<InfoHash> infoHash = transfers.infoHashOf(tenant, id);
        infoHash.ifPresent(hash -> remove(tenant, hash));
        return infoHash.isPresent();
    }

    /** Removes a tenant, its keys, its passkeys and its library; whether it was there. */
    @Transactional
    public boolean removeTenant(UUID tenant) {
        if (!tenants.lock(tenant)) {
            return false;
        }
        transfers.infoHashesOf(tenant).forEach(hash -> remove(tenant, hash));
        passkeys.revokeAll(tenant);
        rules.forget(tenant);
        accounting.forget(tenant);
        tenants.delete(tenant);
        return true;
    }

    private void remove(UUID tenant, InfoHash infoHash) {
        Optional<Torrent> torrent = torrents.lock(TorrentId.of(tenant.toString(), infoHash));
        Optional<Transfer> found = transfers.lock(tenant, infoHash);
        found.ifPresent(transfer -> {
            resolves.end(transfer);
            boolean planned = transfer.isPlanned();
            transfers.delete(transfer);
            if (planned) {
                wishes.afterRemoval(torrent.orElseThrow());
            }
        });
    }
}
