package io.shoal.engine.announce;

import io.shoal.bittorrent.InfoHash;
import io.shoal.bittorrent.PeerId;
import org.jspecify.annotations.Nullable;

/**
 * The fields that are the same in all announces of a session.
 *
 * @param key see {@link io.shoal.bittorrent.announce.AnnounceRequest#key}
 * @param port TCP port where peers reach this torrent
 * @param address the value of {@code ip=}; null to let trackers use the source address
 */
public record AnnounceIdentity(
        InfoHash infoHash,
        PeerId peerId,
        int key,
        int port,
        @Nullable String address) {}
