package io.shoal.engine.announce;

import io.shoal.bittorrent.InfoHash;
import io.shoal.bittorrent.PeerId;
import org.jspecify.annotations.Nullable;

/**
 * What stays the same in all announces of a session.
 *
 * @param key see {@link io.shoal.bittorrent.announce.AnnounceRequest#key}
 * @param port TCP port where peers reach this torrent
 * @param address what {@code ip=} is to say; null to let trackers see for themselves
 */
public record AnnounceIdentity(
        InfoHash infoHash,
        PeerId peerId,
        int key,
        int port,
        @Nullable String address) {}
