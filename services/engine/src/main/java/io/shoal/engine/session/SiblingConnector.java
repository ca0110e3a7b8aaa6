package io.shoal.engine.session;

import io.shoal.engine.limits.EngineLimits;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;

/**
 * Connects a public torrent that wants pieces to the other torrents of its info-hash on this engine. Trackers that
 * identify peers by address return one of the torrents that share a port, and many seeds accept one peer of an address:
 * the others get from it what it gets.
 */
final class SiblingConnector {
    private static final Duration INTERVAL = Duration.ofSeconds(5);

    private final TorrentSession session;
    private final Siblings siblings;
    private boolean hasSearched;
    private long lastSearchAt;

    SiblingConnector(TorrentSession session, Siblings siblings) {
        this.session = session;
        this.siblings = siblings;
    }

    /** Must be called about once a second. */
    void tick(long now) {
        int free = EngineLimits.SIBLINGS_PER_TORRENT - session.presence().siblings();
        if (!session.needsPieces() || free <= 0 || hasSearched && now - lastSearchAt < INTERVAL.toNanos()) {
            return;
        }
        hasSearched = true;
        lastSearchAt = now;
        List<RunningTorrent> unconnected = siblings.connectable().stream()
                .filter(each -> isNew(each.presence()))
                .sorted(Comparator.comparingInt(each -> each.presence().siblings()))
                .limit(free)
                .toList();
        unconnected.forEach(session.connectedPeers()::connect);
    }

    private boolean isNew(Presence other) {
        return !session.presence().isConnectedTo(other.peerId())
                && other.siblings() < 2 * EngineLimits.SIBLINGS_PER_TORRENT;
    }
}
