package io.shoal.intake.transfers;

import io.shoal.bittorrent.InfoHash;
import io.shoal.contracts.TorrentId;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** What must be known of a transfer to lock its torrent before the transfer itself is read. */
public record TransferPlace(UUID id, UUID tenant, InfoHash infoHash, Optional<TorrentId> torrent) {
    /** As the columns say. */
    public TransferPlace(UUID id, UUID tenant, String infoHash, @Nullable String torrent) {
        this(id, tenant, InfoHash.ofHex(infoHash), Optional.ofNullable(torrent).map(TorrentId::new));
    }
}
