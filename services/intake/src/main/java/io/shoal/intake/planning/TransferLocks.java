package io.shoal.intake.planning;

import io.shoal.bittorrent.InfoHash;
import io.shoal.contracts.TorrentId;
import io.shoal.intake.torrents.Owners;
import io.shoal.intake.torrents.Torrent;
import io.shoal.intake.torrents.Torrents;
import io.shoal.intake.transfers.Transfer;
import io.shoal.intake.transfers.Transfers;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.Optional;
import java.util.UUID;

/**
 * Locks a transfer together with its torrent, in the one order that all transactions keep: the torrent's id, its row, the
 * transfer. While they are locked the transfer is neither planned nor changed by another transaction.
 */
@ApplicationScoped
class TransferLocks {
    private final Owners owners;
    private final Torrents torrents;
    private final Transfers transfers;

    TransferLocks(Owners owners, Torrents torrents, Transfers transfers) {
        this.owners = owners;
        this.torrents = torrents;
        this.transfers = transfers;
    }

    /**
     * A transfer and what is known of the torrent with its info-hash.
     *
     * @param known the torrent, also while the transfer is not planned; it may be in a life that is over
     */
    record Locked(Transfer transfer, Optional<Torrent> known) {
        /** The torrent of a transfer that is planned. */
        Torrent torrent() {
            return known.orElseThrow(() -> new IllegalStateException("transfer " + transfer.id() + " has no torrent"));
        }
    }

    /** Inside a transaction: the transfer, if the tenant has it. */
    Optional<Locked> lock(UUID tenant, UUID id) {
        return transfers.infoHashOf(tenant, id).flatMap(hash -> lock(tenant, hash));
    }

    /** Inside a transaction: the transfer, whichever tenant has it. */
    Optional<Locked> lock(UUID id) {
        return transfers.tenantOf(id).flatMap(tenant -> lock(tenant, id));
    }

    /** Inside a transaction: the tenant's transfer of the torrent with this info-hash, if the tenant has one. */
    Optional<Locked> lock(UUID tenant, InfoHash infoHash) {
        TorrentId id = owners.torrent(tenant, infoHash);
        torrents.reserve(id);
        Optional<Torrent> known = torrents.lock(id);
        return transfers.lock(tenant, infoHash).map(transfer -> new Locked(transfer, known));
    }
}
