package io.shoal.intake.api;

import io.quarkus.narayana.jta.QuarkusTransaction;
import io.shoal.contracts.TorrentId;
import io.shoal.intake.categories.Categories;
import io.shoal.intake.categories.Category;
import io.shoal.intake.infos.FileLayout;
import io.shoal.intake.infos.InfoStore;
import io.shoal.intake.progress.Progress;
import io.shoal.intake.progress.ProgressReader;
import io.shoal.intake.quotas.DownloadQueue;
import io.shoal.intake.torrents.Torrent;
import io.shoal.intake.torrents.Torrents;
import io.shoal.intake.transfers.Found;
import io.shoal.intake.transfers.ListFilter;
import io.shoal.intake.transfers.ListOrder;
import io.shoal.intake.transfers.Transfer;
import io.shoal.intake.transfers.TransferLists;
import io.shoal.intake.transfers.VisibleLibrary;
import io.shoal.objectstore.StoreUnavailableException;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Instant;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.UUID;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Reads for answers what a request sees of its tenant's library, in short transactions only. There is no other way from the API to a
 * transfer.
 */
@ApplicationScoped
class LibraryReader {
    private final TransferLists lists;
    private final Torrents torrents;
    private final InfoStore infos;
    private final Categories categories;
    private final ProgressReader progress;
    private final DownloadQueue queue;

    LibraryReader(
            TransferLists lists,
            Torrents torrents,
            InfoStore infos,
            Categories categories,
            ProgressReader progress,
            DownloadQueue queue) {
        this.lists = lists;
        this.torrents = torrents;
        this.infos = infos;
        this.categories = categories;
        this.progress = progress;
        this.queue = queue;
    }

    /**
     * A transfer with its figures, its torrent once that is known, its category if it has one, and its place in the queue if it is in it.
     *
     * @param library in which it is seen
     */
    record Item(
            VisibleLibrary library,
            Found found,
            @Nullable Torrent torrent,
            @Nullable Category category,
            @Nullable Integer queuePosition) {
        Transfer transfer() {
            return found.transfer();
        }

        /** Returns the same transfer as it is seen in another library. */
        Item in(VisibleLibrary other) {
            return new Item(other, found, torrent, category, queuePosition);
        }
    }

    /** An item whose torrent is known, with its files. */
    record OpenItem(Transfer transfer, Torrent torrent, FileLayout layout) {}

    /** Returns the transfer; throws not-found if it is not visible. */
    Item find(VisibleLibrary library, UUID id) {
        return look(library, id).orElseThrow(() -> ProblemException.of(ProblemKind.NOT_FOUND));
    }

    /** Returns the transfer, if it is visible. */
    Optional<Item> look(VisibleLibrary library, UUID id) {
        return QuarkusTransaction.requiringNew()
                .call(() -> lists.find(library, id)
                        .map(found -> items(
                                        one -> library,
                                        List.of(found),
                                        torrents.allOf(found.transfer().torrent().stream()
                                                .toList()))
                                .getFirst()));
    }

    /** Returns a transfer and its torrent as they were just added, or found. */
    Item added(VisibleLibrary library, Transfer transfer, @Nullable Torrent torrent) {
        return QuarkusTransaction.requiringNew().call(() -> {
            Instant activeAt =
                    lists.find(library, transfer.id()).map(Found::activeAt).orElse(null);
            return items(
                            one -> library,
                            List.of(new Found(transfer, activeAt, 0)),
                            torrent == null ? Map.of() : Map.of(torrent.id(), torrent))
                    .getFirst();
        });
    }

    /** Inside a transaction: returns {@code found} with those of {@code known} that are their torrents. */
    private List<Item> items(
            Function<Found, VisibleLibrary> library, List<Found> found, Map<TorrentId, Torrent> known) {
        Map<UUID, Category> named = categories.named(found.stream()
                .map(one -> one.transfer().marks().category())
                .filter(Objects::nonNull)
                .distinct()
                .toList());
        Map<UUID, Map<Long, Integer>> positions = positions(found);
        return found.stream()
                .map(one -> new Item(
                        library.apply(one),
                        one,
                        one.transfer().torrent().map(known::get).orElse(null),
                        one.transfer().marks().category() == null
                                ? null
                                : named.get(one.transfer().marks().category()),
                        isQueued(one) ? position(one, positions) : null))
                .toList();
    }

    private static boolean isQueued(Found found) {
        return !found.transfer().course().isComplete();
    }

    private static @Nullable Integer position(Found found, Map<UUID, Map<Long, Integer>> positions) {
        Transfer transfer = found.transfer();
        return positions
                .getOrDefault(transfer.tenant(), Map.of())
                .get(transfer.slot().rank());
    }

    /** The places in the queue of each tenant, by rank, of those that are in it. */
    private Map<UUID, Map<Long, Integer>> positions(List<Found> found) {
        Map<UUID, SortedSet<Long>> ranks = found.stream()
                .filter(LibraryReader::isQueued)
                .map(Found::transfer)
                .collect(Collectors.groupingBy(
                        Transfer::tenant,
                        Collectors.mapping(transfer -> transfer.slot().rank(), Collectors.toCollection(TreeSet::new))));
        Map<UUID, Map<Long, Integer>> positions = new HashMap<>();
        ranks.forEach((tenant, some) -> positions.put(tenant, queue.positions(tenant, some)));
        return positions;
    }

    /** Returns the transfer with its files; throws not-found if it is not visible. */
    OpenItem open(VisibleLibrary library, UUID id) throws StoreUnavailableException {
        Item item = find(library, id);
        if (item.transfer().isDenied()) {
            throw ProblemException.of(ProblemKind.DENIED);
        }
        Torrent torrent = item.torrent;
        if (torrent == null) {
            throw ProblemException.of(ProblemKind.METADATA_PENDING);
        }
        return new OpenItem(item.transfer(), torrent, infos.read(torrent.keys()));
    }

    /** Returns up to {@code limit} visible transfers that pass {@code filter}, those after {@code after}. */
    List<Item> page(
            VisibleLibrary library, ListFilter filter, ListOrder order, ListOrder.@Nullable Position after, int limit) {
        return QuarkusTransaction.requiringNew().call(() -> {
            List<Found> page = lists.list(library, filter, order, after, limit);
            return items(library, page);
        });
    }

    /** Returns those of these transfers that are visible. */
    List<Item> all(VisibleLibrary library, List<UUID> ids) {
        return ids.isEmpty()
                ? List.of()
                : QuarkusTransaction.requiringNew().call(() -> items(library, lists.all(library, ids)));
    }

    /** Returns those of these transfers that exist, each as its own tenant sees it: not for what a request names. */
    List<Item> ofAnyTenant(Collection<UUID> ids) {
        return ids.isEmpty()
                ? List.of()
                : QuarkusTransaction.requiringNew().call(() -> items(LibraryReader::own, lists.ofAnyTenant(ids)));
    }

    private static VisibleLibrary own(Found found) {
        return VisibleLibrary.whole(found.transfer().tenant());
    }

    private List<Item> items(VisibleLibrary library, List<Found> found) {
        return items(one -> library, found);
    }

    private List<Item> items(Function<Found, VisibleLibrary> library, List<Found> found) {
        List<TorrentId> ids =
                found.stream().flatMap(one -> one.transfer().torrent().stream()).toList();
        progress.prepare(ids);
        return items(library, found, torrents.allOf(ids));
    }

    /** Returns the progress of a transfer of this torrent. */
    Progress progress(Transfer transfer, @Nullable Torrent torrent) {
        return progress.of(transfer, torrent);
    }

    /** Returns the item as it is seen in its library. */
    TransferView view(Item item) {
        return TransferView.of(item, progress(item.transfer(), item.torrent));
    }
}
