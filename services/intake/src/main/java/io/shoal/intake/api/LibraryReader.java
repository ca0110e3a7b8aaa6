package io.shoal.intake.api;

import io.quarkus.narayana.jta.QuarkusTransaction;
import io.shoal.contracts.TorrentId;
import io.shoal.intake.categories.Categories;
import io.shoal.intake.categories.Category;
import io.shoal.intake.infos.FileLayout;
import io.shoal.intake.infos.InfoStore;
import io.shoal.intake.progress.Progress;
import io.shoal.intake.progress.ProgressReader;
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
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
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

    LibraryReader(
            TransferLists lists, Torrents torrents, InfoStore infos, Categories categories, ProgressReader progress) {
        this.lists = lists;
        this.torrents = torrents;
        this.infos = infos;
        this.categories = categories;
        this.progress = progress;
    }

    /**
     * A transfer with its figures, its torrent once that is known, and its category if it has one.
     *
     * @param library in which it is seen
     */
    record Item(
            VisibleLibrary library,
            Found found,
            @Nullable Torrent torrent,
            @Nullable Category category) {
        Transfer transfer() {
            return found.transfer();
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
                                        library,
                                        List.of(found),
                                        found.transfer().torrent().flatMap(torrents::find).stream()
                                                .toList())
                                .getFirst()));
    }

    /** Returns a transfer and its torrent as they were just added, or found. */
    Item added(VisibleLibrary library, Transfer transfer, @Nullable Torrent torrent) {
        return QuarkusTransaction.requiringNew().call(() -> {
            Instant activeAt =
                    lists.find(library, transfer.id()).map(Found::activeAt).orElse(null);
            return items(
                            library,
                            List.of(new Found(transfer, activeAt, 0)),
                            torrent == null ? List.of() : List.of(torrent))
                    .getFirst();
        });
    }

    /** Inside a transaction: returns {@code found} with those of {@code known} that are their torrents. */
    private List<Item> items(VisibleLibrary library, List<Found> found, List<Torrent> known) {
        Map<TorrentId, Torrent> byId = known.stream().collect(Collectors.toMap(Torrent::id, Function.identity()));
        Map<UUID, Category> named = categories.named(found.stream()
                .map(one -> one.transfer().marks().category())
                .filter(Objects::nonNull)
                .distinct()
                .toList());
        return found.stream()
                .map(one -> new Item(
                        library,
                        one,
                        one.transfer().torrent().map(byId::get).orElse(null),
                        one.transfer().marks().category() == null
                                ? null
                                : named.get(one.transfer().marks().category())))
                .toList();
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

    private List<Item> items(VisibleLibrary library, List<Found> found) {
        List<TorrentId> ids =
                found.stream().flatMap(one -> one.transfer().torrent().stream()).toList();
        progress.prepare(ids);
        return items(
                library,
                found,
                torrents.list("id in ?1", ids.stream().map(TorrentId::value).toList()));
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
