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
import io.shoal.objectstore.StoreUnavailableException;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Instant;
import java.util.Collection;
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

/** Reads a tenant's own library for answers, in short transactions only. */
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

    /** A transfer with its figures, its torrent once that is known, its category if it has one, and its place in the queue if it is in it. */
    record Item(
            Found found,
            @Nullable Torrent torrent,
            @Nullable Category category,
            @Nullable Integer queuePosition) {
        Transfer transfer() {
            return found.transfer();
        }
    }

    /** An item whose torrent is known, with its files. */
    record OpenItem(Transfer transfer, Torrent torrent, FileLayout layout) {}

    /** Returns the tenant's transfer; throws not-found if the tenant does not have it. */
    Item find(UUID tenant, UUID id) {
        return look(tenant, id).orElseThrow(() -> ProblemException.of(ProblemKind.NOT_FOUND));
    }

    /** Returns the tenant's transfer, if it has it. */
    Optional<Item> look(UUID tenant, UUID id) {
        return QuarkusTransaction.requiringNew()
                .call(() -> lists.find(tenant, id)
                        .map(found -> items(
                                        List.of(found),
                                        found.transfer().torrent().flatMap(torrents::find).stream()
                                                .toList())
                                .getFirst()));
    }

    /** Returns a transfer and its torrent as they were just added, or found. */
    Item added(Transfer transfer, @Nullable Torrent torrent) {
        return QuarkusTransaction.requiringNew().call(() -> {
            Instant activeAt = lists.find(transfer.tenant(), transfer.id())
                    .map(Found::activeAt)
                    .orElse(null);
            return items(List.of(new Found(transfer, activeAt, 0)), torrent == null ? List.of() : List.of(torrent))
                    .getFirst();
        });
    }

    /** Inside a transaction: returns {@code found} with those of {@code known} that are their torrents. */
    private List<Item> items(List<Found> found, List<Torrent> known) {
        Map<TorrentId, Torrent> byId = known.stream().collect(Collectors.toMap(Torrent::id, Function.identity()));
        Map<UUID, Category> named = categories.named(found.stream()
                .map(one -> one.transfer().marks().category())
                .filter(Objects::nonNull)
                .distinct()
                .toList());
        Map<Long, Integer> positions = positions(found);
        return found.stream()
                .map(one -> new Item(
                        one,
                        one.transfer().torrent().map(byId::get).orElse(null),
                        one.transfer().marks().category() == null
                                ? null
                                : named.get(one.transfer().marks().category()),
                        isQueued(one) ? positions.get(one.transfer().slot().rank()) : null))
                .toList();
    }

    private static boolean isQueued(Found found) {
        return !found.transfer().course().isComplete();
    }

    /** The places in the queue, by rank, of those that are in it; all are of one tenant. */
    private Map<Long, Integer> positions(List<Found> found) {
        SortedSet<Long> ranks = found.stream()
                .filter(LibraryReader::isQueued)
                .map(one -> one.transfer().slot().rank())
                .collect(Collectors.toCollection(TreeSet::new));
        return ranks.isEmpty()
                ? Map.of()
                : queue.positions(found.getFirst().transfer().tenant(), ranks);
    }

    /** Returns the tenant's transfer with its files. */
    OpenItem open(UUID tenant, UUID id) throws StoreUnavailableException {
        Item item = find(tenant, id);
        if (item.transfer().isDenied()) {
            throw ProblemException.of(ProblemKind.DENIED);
        }
        Torrent torrent = item.torrent;
        if (torrent == null) {
            throw ProblemException.of(ProblemKind.METADATA_PENDING);
        }
        return new OpenItem(item.transfer(), torrent, infos.read(torrent.keys()));
    }

    /** Returns up to {@code limit} of the tenant's transfers that pass {@code filter}, those after {@code after}. */
    List<Item> page(UUID tenant, ListFilter filter, ListOrder order, ListOrder.@Nullable Position after, int limit) {
        return QuarkusTransaction.requiringNew().call(() -> {
            List<Found> page = lists.list(tenant, filter, order, after, limit);
            return items(page);
        });
    }

    /** Returns those of these transfers that the tenant has. */
    List<Item> all(UUID tenant, List<UUID> ids) {
        return ids.isEmpty() ? List.of() : QuarkusTransaction.requiringNew().call(() -> items(lists.all(tenant, ids)));
    }

    /** Returns those of these transfers that exist, whichever libraries they are in: not for what a request names. */
    List<Item> ofAnyTenant(Collection<UUID> ids) {
        return ids.isEmpty() ? List.of() : QuarkusTransaction.requiringNew().call(() -> items(lists.ofAnyTenant(ids)));
    }

    private List<Item> items(List<Found> found) {
        List<TorrentId> ids =
                found.stream().flatMap(one -> one.transfer().torrent().stream()).toList();
        progress.prepare(ids);
        return items(
                found,
                torrents.list("id in ?1", ids.stream().map(TorrentId::value).toList()));
    }

    /** Returns the progress of a transfer of this torrent. */
    Progress progress(Transfer transfer, @Nullable Torrent torrent) {
        return progress.of(transfer, torrent);
    }

    /** Returns the item as its tenant sees it. */
    TransferView view(Item item) {
        return TransferView.of(item, progress(item.transfer(), item.torrent));
    }
}
