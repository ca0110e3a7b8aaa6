package io.shoal.intake.planning;

import io.shoal.contracts.TorrentId;
import io.shoal.intake.torrents.Owners;
import io.shoal.intake.torrents.Torrent;
import io.shoal.intake.torrents.Torrents;
import io.shoal.intake.transfers.Transfer;
import io.shoal.intake.transfers.TransferPlace;
import io.shoal.intake.transfers.Transfers;
import io.shoal.intake.transfers.VisibleLibrary;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Locks a transfer together with its torrent, in the one order that all transactions keep: the torrent's id, its row, the
 * transfer. While they are locked the transfer is neither planned nor changed by another transaction.
 *
 * <p>Which torrent it is, the transfer says: its tenant may have entered or left a pool since. A transfer that is not planned has
 * none yet; then the id of the tenant's own torrent is reserved, because each transaction that plans reserves it too
 * ({@link #reserveToPlan}), whether the tenant or a pool is to own the content.
 */
@ApplicationScoped
class TransferLocks {
    private final Torrents torrents;
    private final Transfers transfers;

    TransferLocks(Torrents torrents, Transfers transfers) {
        this.torrents = torrents;
        this.transfers = transfers;
    }

    /**
     * A transfer and its torrent.
     *
     * @param known the torrent of a transfer that is planned
     */
    record Locked(Transfer transfer, @Nullable Torrent known) {
        /** The torrent of a transfer that is planned. */
        Torrent torrent() {
            if (known == null) {
                throw new IllegalStateException("transfer " + transfer.id() + " has no torrent");
            }
            return known;
        }
    }

    /** Inside a transaction: the transfer, if it is visible. */
    Optional<Locked> lock(VisibleLibrary library, UUID id) {
        return transfers
                .placeOf(id)
                .filter(place -> place.tenant().equals(library.tenant()))
                .flatMap(this::lock)
                .filter(locked -> library.has(locked.transfer));
    }

    /** Inside a transaction: the transfer, whichever tenant has it. */
    Optional<Locked> lock(UUID id) {
        return transfers.placeOf(id).flatMap(this::lock);
    }

    private Optional<Locked> lock(TransferPlace seen) {
        torrents.reserve(seen.torrent().orElseGet(() -> own(seen)));
        // From here on it is not planned; it may have been meanwhile, or its generation may have ended.
        Torrent torrent = transfers
                .placeOf(seen.id())
                .flatMap(TransferPlace::torrent)
                .flatMap(torrents::lock)
                .orElse(null);
        return transfers.lock(seen.id()).map(transfer -> new Locked(transfer, transfer.isPlanned() ? torrent : null));
    }

    private static TorrentId own(TransferPlace place) {
        return Owners.own(place.tenant()).torrent(place.infoHash());
    }

    /**
     * Inside a transaction, before it locks rows: no other transaction adds or plans the tenant's transfer of {@code torrent}, nor
     * adds or changes that torrent, until this one ends.
     *
     * @param own the id of the torrent with the same info-hash that is the tenant's own
     */
    void reserveToPlan(TorrentId own, TorrentId torrent) {
        Stream.of(own, torrent)
                .map(TorrentId::value)
                .distinct()
                .sorted()
                .map(TorrentId::new)
                .forEach(torrents::reserve);
    }
}
