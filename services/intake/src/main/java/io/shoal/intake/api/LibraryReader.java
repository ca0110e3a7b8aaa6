package io.shoal.intake.api;

import io.quarkus.narayana.jta.QuarkusTransaction;
import io.shoal.contracts.TorrentId;
import io.shoal.intake.infos.FileLayout;
import io.shoal.intake.infos.InfoStore;
import io.shoal.intake.progress.Progress;
import io.shoal.intake.progress.ProgressReader;
import io.shoal.intake.torrents.Torrent;
import io.shoal.intake.torrents.Torrents;
import io.shoal.intake.transfers.Transfer;
import io.shoal.intake.transfers.Transfers;
import io.shoal.objectstore.StoreUnavailableException;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Reads a tenant's own library for answers, in short transactions only. */
@ApplicationScoped
class LibraryReader {
    private final Transfers transfers;
    private final Torrents torrents;
    private final InfoStore infos;
    private final ProgressReader progress;

    LibraryReader(Transfers transfers, Torrents torrents, InfoStore infos, ProgressReader progress) {
        this.transfers = transfers;
        this.torrents = torrents;
        this.infos = infos;
        this.progress = progress;
    }

    /** A transfer, and its torrent once it is known. */
    record Item(Transfer transfer, @Nullable Torrent torrent) {}

    /** An item whose torrent is known, with its files. */
    record OpenItem(Transfer transfer, Torrent torrent, FileLayout layout) {}

    /** Returns the tenant's transfer; throws not-found if the tenant does not have it. */
    Item find(UUID tenant, UUID id) {
        return look(tenant, id).orElseThrow(() -> ProblemException.of(ProblemKind.NOT_FOUND));
    }

    /** Returns the tenant's transfer, if it has it. */
    Optional<Item> look(UUID tenant, UUID id) {
        return QuarkusTransaction.requiringNew()
                .call(() -> transfers
                        .find(tenant, id)
                        .map(transfer -> new Item(
                                transfer,
                                transfer.torrent().flatMap(torrents::find).orElse(null))));
    }

    /** Returns the tenant's transfer with its files. */
    OpenItem open(UUID tenant, UUID id) throws StoreUnavailableException {
        Item item = find(tenant, id);
        if (item.transfer.isDenied()) {
            throw ProblemException.of(ProblemKind.DENIED);
        }
        Torrent torrent = item.torrent;
        if (torrent == null) {
            throw ProblemException.of(ProblemKind.METADATA_PENDING);
        }
        return new OpenItem(item.transfer, torrent, infos.read(torrent.keys()));
    }

    /** Returns some of the tenant's transfers, newest first. */
    List<Item> page(UUID tenant, Paging.@Nullable Mark after, int limit) {
        return QuarkusTransaction.requiringNew().call(() -> {
            List<Transfer> page = transfers.page(
                    tenant, after == null ? null : new Transfers.Position(after.createdAt(), after.id()), limit);
            return items(page);
        });
    }

    /** Returns those of these transfers that the tenant has, in the order of {@code ids}. */
    List<Item> all(UUID tenant, List<UUID> ids) {
        if (ids.isEmpty()) {
            return List.of();
        }
        return QuarkusTransaction.requiringNew().call(() -> {
            Map<UUID, Transfer> found =
                    transfers.of(tenant, ids).stream().collect(Collectors.toMap(Transfer::id, Function.identity()));
            return items(ids.stream().map(found::get).filter(Objects::nonNull).toList());
        });
    }

    private List<Item> items(List<Transfer> page) {
        List<TorrentId> ids =
                page.stream().flatMap(transfer -> transfer.torrent().stream()).toList();
        progress.prepare(ids);
        Map<TorrentId, Torrent> known = torrents
                .list("id in ?1", ids.stream().map(TorrentId::value).toList())
                .stream()
                .collect(Collectors.toMap(Torrent::id, Function.identity()));
        return page.stream()
                .map(transfer ->
                        new Item(transfer, transfer.torrent().map(known::get).orElse(null)))
                .toList();
    }

    /** Returns the progress of the item. */
    Progress progress(Item item) {
        return progress.of(item.transfer, item.torrent);
    }

    /** Returns the item as its tenant sees it. */
    TransferView view(Item item) {
        return TransferView.of(item.transfer, item.torrent, progress(item));
    }
}
