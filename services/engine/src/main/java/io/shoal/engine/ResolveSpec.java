package io.shoal.engine;

import io.shoal.bittorrent.InfoHash;
import io.shoal.bittorrent.PeerId;
import io.shoal.engine.TorrentSpec.Resumed;
import java.net.InetSocketAddress;
import java.util.List;

/**
 * All that the engine must know to fetch the info dictionary that a magnet names (BEP 9).
 *
 * @param peerId our peer id in this swarm
 * @param trackers announce URLs in tiers (BEP 12)
 * @param peers addresses that the magnet names (BEP 9, {@code x.pe})
 * @param resumed what the predecessor announced; its counters are not used, because nothing is downloaded
 * @param owner on whose behalf: searches and torrents of one owner share what owners share fairly. Opaque
 * @param isPrivate whether only its own trackers and the magnet may name peers, because the owner says so
 */
public record ResolveSpec(
        InfoHash infoHash,
        PeerId peerId,
        List<List<String>> trackers,
        List<InetSocketAddress> peers,
        Resumed resumed,
        String owner,
        boolean isPrivate) {
    /** A magnet of which it is not known whether the torrent is private. */
    public ResolveSpec(
            InfoHash infoHash,
            PeerId peerId,
            List<List<String>> trackers,
            List<InetSocketAddress> peers,
            Resumed resumed,
            String owner) {
        this(infoHash, peerId, trackers, peers, resumed, owner, false);
    }

    public ResolveSpec {
        trackers = trackers.stream().map(List::copyOf).toList();
        peers = List.copyOf(peers);
    }
}
