package io.shoal.intake.planning;

import io.quarkus.narayana.jta.QuarkusTransaction;
import io.shoal.bittorrent.InfoHash;
import io.shoal.bittorrent.metainfo.Info;
import io.shoal.contracts.objects.ObjectKeys;
import io.shoal.contracts.records.Wanted;
import io.shoal.intake.admission.DenyList;
import io.shoal.intake.categories.NoSuchCategoryException;
import io.shoal.intake.infos.FileLayout;
import io.shoal.intake.infos.InfoStore;
import io.shoal.intake.quotas.QuotaExceededException;
import io.shoal.intake.quotas.Quotas;
import io.shoal.intake.torrents.Sources;
import io.shoal.intake.torrents.Torrent;
import io.shoal.intake.torrents.Torrents;
import io.shoal.intake.transactions.RetryConflicts;
import io.shoal.intake.transfers.Failure;
import io.shoal.intake.transfers.TooManyLabelsException;
import io.shoal.intake.transfers.Transfer;
import io.shoal.intake.transfers.Transfers;
import io.shoal.intake.transfers.VisibleLibrary;
import io.shoal.intake.wishes.Selection;
import io.shoal.intake.wishes.Wishes;
import io.shoal.objectstore.StoreUnavailableException;
import jakarta.enterprise.context.ApplicationScoped;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Changes a tenant's wishes about a transfer. A change is made as a whole or not at all.
 *
 * <p>The layout of the files is read from the store between two transactions. If the transfer was planned, or its torrent's
 * generation has ended meanwhile, the layout is not the right one and the change begins again.
 */
@ApplicationScoped
@RetryConflicts
public class Changes {
    private static final Logger LOG = Logger.getLogger(Changes.class);

    /** Each retry means that the transfer was planned, or lost its torrent, in the few milliseconds of an attempt. */
    private static final int TRIES = 20;

    private final Torrents torrents;
    private final Transfers transfers;
    private final TransferLocks locks;
    private final InfoStore infos;
    private final Planner planner;
    private final Resolves resolves;
    private final TransferFiling filing;
    private final Wishes wishes;
    private final Quotas quotas;
    private final DenyList denied;

    Changes(
            Torrents torrents,
            Transfers transfers,
            TransferLocks locks,
            InfoStore infos,
            Planner planner,
            Resolves resolves,
            TransferFiling filing,
            Wishes wishes,
            Quotas quotas,
            DenyList denied) {
        this.torrents = torrents;
        this.transfers = transfers;
        this.locks = locks;
        this.infos = infos;
        this.planner = planner;
        this.resolves = resolves;
        this.filing = filing;
        this.wishes = wishes;
        this.quotas = quotas;
        this.denied = denied;
    }

    /** The result of a change. */
    public enum Changed {
        DONE,
        /** The library has no such transfer. */
        NO_TRANSFER,
        /** A file is wanted that the torrent does not have. */
        NO_SUCH_FILE,
        /** A file that the torrent does not have is given a priority. */
        NO_SUCH_FILE_PRIORITISED,
        /** No file would be wanted any more. */
        NOTHING_WANTED
    }

    /** The result of one attempt. */
    private enum Attempt {
        DONE,
        NO_TRANSFER,
        NO_SUCH_FILE,
        NO_SUCH_FILE_PRIORITISED,
        NOTHING_WANTED,
        /** The transfer has changed since it was read. */
        OUTDATED
    }

    /** A transfer as it was read, and the keys of its torrent's metadata if it is planned. */
    private record Seen(Transfer transfer, @Nullable ObjectKeys keys) {}

    /**
     * Changes a tenant's wishes about a transfer. One that was blocked by a denial is started by {@code paused: false}.
     *
     * @param library in which the request sees the transfer: it stays visible there
     * @throws StoreUnavailableException nothing has changed
     * @throws DeniedException if the change starts the transfer, and its torrent is denied
     * @throws QuotaExceededException if the tenant may not have what it wants
     * @throws NoSuchCategoryException if the tenant does not have the category
     * @throws TooManyLabelsException if it would have too many with that of the library
     */
    public Changed change(VisibleLibrary library, UUID id, Change asked) throws StoreUnavailableException {
        Change change = asked.in(library);
        for (int i = 0; i < TRIES; i++) {
            Optional<Seen> seen = QuarkusTransaction.requiringNew().call(() -> look(library, id));
            Attempt attempt = seen.isEmpty() ? Attempt.NO_TRANSFER : attempt(library, seen.get(), change);
            switch (attempt) {
                case DONE -> {
                    return Changed.DONE;
                }
                case NO_TRANSFER -> {
                    return Changed.NO_TRANSFER;
                }
                case NO_SUCH_FILE -> {
                    return Changed.NO_SUCH_FILE;
                }
                case NO_SUCH_FILE_PRIORITISED -> {
                    return Changed.NO_SUCH_FILE_PRIORITISED;
                }
                case NOTHING_WANTED -> {
                    return Changed.NOTHING_WANTED;
                }
                case OUTDATED -> {}
            }
        }
        throw new IllegalStateException("transfer " + id + " never stood still");
    }

    private Optional<Seen> look(VisibleLibrary library, UUID id) {
        return transfers
                .find(library, id)
                .map(transfer -> new Seen(
                        transfer,
                        transfer.torrent()
                                .flatMap(torrents::find)
                                .map(Torrent::keys)
                                .orElse(null)));
    }

    private Attempt attempt(VisibleLibrary library, Seen seen, Change change) throws StoreUnavailableException {
        boolean start = Boolean.FALSE.equals(change.paused()) && seen.transfer.isDenied();
        if (start && seen.transfer.search().keepsMetadata()) {
            return startFromKept(library, seen.transfer, change);
        }
        FileLayout layout = change.wanted() == null || seen.keys == null ? null : infos.read(seen.keys);
        Optional<Attempt> refusal = refusal(change.wanted(), layout);
        if (refusal.isPresent()) {
            return refusal.get();
        }
        return QuarkusTransaction.requiringNew().call(() -> apply(library, seen, change, start, layout));
    }

    private static Optional<Attempt> refusal(@Nullable Selection selection, @Nullable FileLayout layout) {
        return selection == null || layout == null
                ? Optional.empty()
                : selection.wrongFor(layout).map(part -> switch (part) {
                    case WANTED -> Attempt.NO_SUCH_FILE;
                    case PRIORITIES -> Attempt.NO_SUCH_FILE_PRIORITISED;
                });
    }

    private Attempt apply(
            VisibleLibrary library, Seen seen, Change change, boolean start, @Nullable FileLayout layout) {
        Optional<TransferLocks.Locked> locked = locks.lock(library, seen.transfer.id());
        if (locked.isEmpty()) {
            return Attempt.NO_TRANSFER;
        }
        Transfer transfer = locked.get().transfer();
        boolean same = transfer.torrent().equals(seen.transfer.torrent())
                && transfer.isDenied() == seen.transfer.isDenied()
                && transfer.search().keepsMetadata() == seen.transfer.search().keepsMetadata();
        if (!same) {
            return Attempt.OUTDATED;
        }
        if (layout == null ? change.wantsNothing(transfer) : change.wantsNothing(transfer, layout)) {
            return Attempt.NOTHING_WANTED;
        }
        if (start) {
            refuseDenied(locked.get());
        }
        filing.change(transfer, change.filing());
        if (!change.isForFleet()) {
            return Attempt.DONE;
        }
        if (transfer.isPlanned()) {
            changePlanned(locked.get(), change, start, layout);
        } else {
            changeUnplanned(transfer, change, start);
        }
        return Attempt.DONE;
    }

    private void changePlanned(TransferLocks.Locked locked, Change change, boolean start, @Nullable FileLayout layout) {
        Transfer transfer = locked.transfer();
        if (change.wanted() != null && layout != null) {
            want(transfer, change.wanted(), layout);
        }
        change.setGoals(transfer);
        if (start) {
            transfer.start();
        } else if (change.paused() != null) {
            transfer.pause(change.paused(), transfer.rev());
        }
        wishes.merge(locked.torrent());
        if (change.running().limits()) {
            wishes.limitRates(locked.torrent());
        }
    }

    private void changeUnplanned(Transfer transfer, Change change, boolean start) {
        change.applyTo(transfer);
        if (start) {
            transfer.pause(false, transfer.rev());
            resolves.begin(transfer, magnet(transfer));
        } else if (change.paused() != null && transfer.awaitsMetadata()) {
            resolves.pause(transfer, change.paused());
        } else if (change.paused() != null) {
            transfer.pause(change.paused(), transfer.rev());
        }
        if (transfer.hindrances().isOverQuota()) {
            quotas.mayHaveRoom(transfer.tenant());
        }
    }

    private void want(Transfer transfer, Selection selection, FileLayout layout) {
        Wanted wanted = selection.after(transfer.wanted(), layout.files().size());
        BitSet files = layout.files(wanted);
        BitSet uncharged = transfer.charge().missing(files);
        long length = layout.lengthOf(uncharged);
        if (length > 0) {
            quotas.reserve(transfer.tenant(), length);
        }
        transfer.charge().add(uncharged, length);
        files.andNot(layout.files(transfer.wanted()));
        transfer.want(wanted, layout.share(wanted), !files.isEmpty());
    }

    private void refuseDenied(TransferLocks.Locked locked) {
        InfoHash infoHash = locked.transfer().infoHash();
        List<String> hashes = locked.transfer().isPlanned()
                ? List.of(infoHash.hex(), locked.torrent().infoDigest())
                : List.of(infoHash.hex());
        if (denied.denies(hashes)) {
            throw new DeniedException();
        }
    }

    private Attempt startFromKept(VisibleLibrary library, Transfer transfer, Change change)
            throws StoreUnavailableException {
        Optional<Attempt> attempt =
                infos.withResolved(transfer.id(), bytes -> startFrom(library, bytes, transfer, change));
        return attempt.isPresent()
                ? attempt.get()
                : QuarkusTransaction.requiringNew().call(() -> failWithoutMetadata(library, transfer));
    }

    private Attempt startFrom(VisibleLibrary library, byte[] metadata, Transfer transfer, Change change)
            throws StoreUnavailableException {
        Optional<Info> info = Resolution.parse(metadata);
        if (info.isEmpty()) {
            return QuarkusTransaction.requiringNew().call(() -> failWithoutMetadata(library, transfer));
        }
        FileLayout layout = FileLayout.of(info.get());
        Optional<Attempt> refusal = refusal(change.wanted(), layout);
        if (refusal.isPresent()) {
            return refusal.get();
        }
        if (change.wantsNothing(transfer, layout)) {
            return Attempt.NOTHING_WANTED;
        }
        boolean planned = planner.plan(
                        Plan.of(transfer.tenant(), layout, Sources.NONE, new Plan.Started(change, library)))
                .isPresent();
        if (!planned) {
            return Attempt.OUTDATED;
        }
        try {
            infos.deleteResolved(transfer.id());
        } catch (StoreUnavailableException e) {
            LOG.infof("the metadata of transfer %s is deleted later: %s", transfer.id(), e);
        }
        return Attempt.DONE;
    }

    /** The metadata that was kept is lost: the transfer fails, and adding the torrent again starts it. */
    private Attempt failWithoutMetadata(VisibleLibrary library, Transfer seen) {
        return locks.lock(library, seen.id())
                .filter(locked -> locked.transfer().isDenied()
                        && locked.transfer().search().keepsMetadata())
                .map(locked -> {
                    refuseDenied(locked);
                    resolves.fail(locked.transfer(), Failure.NO_METADATA);
                    return Attempt.DONE;
                })
                .orElse(Attempt.OUTDATED);
    }

    /** Returns the link by which the transfer was added, or one made of what is known. */
    private static String magnet(Transfer transfer) {
        String added = transfer.magnet();
        if (added != null) {
            return added;
        }
        StringBuilder uri = new StringBuilder("magnet:?xt=urn:btih:")
                .append(transfer.infoHash().hex());
        transfer.sources().trackers().stream()
                .flatMap(List::stream)
                .map(url -> URLEncoder.encode(url, StandardCharsets.UTF_8))
                .forEach(url -> uri.append("&tr=").append(url));
        return uri.toString();
    }
}
