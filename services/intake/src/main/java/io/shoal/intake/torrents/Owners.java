package io.shoal.intake.torrents;

import io.shoal.bittorrent.InfoHash;
import io.shoal.contracts.TorrentId;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.UUID;

/** Says who owns the content that a tenant adds, and so which torrent id it gets. This is the one place that knows. */
@ApplicationScoped
public class Owners {
    /** The torrent that a transfer of {@code tenant} with this info-hash belongs to, or would belong to. */
    public TorrentId torrent(UUID tenant, InfoHash infoHash) {
        return TorrentId.of(tenant.toString(), infoHash);
    }
}
