package io.shoal.engine.session;

import io.shoal.engine.limits.EngineLimits;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;

/**
 * Connects a public torrent that wants something with the other torrents of its info-hash on this engine. Trackers that keep
 * peers by address show one of those that share a port, and many seeds accept one peer of an address: what one of them gets, the
 * others get from it.
 */
final class SiblingConnector {
    private static final Duration PAUSE = Duration.ofSeconds(5);

    private final TorrentSession session;
    private final Siblings siblings;
    private boolean looked;
    private long lookedAt;

    SiblingConnector(TorrentSession session, Siblings siblings) {
        this.session = session;
        this.siblings = siblings;
    }

    /** To be called about once a second. */
    void tick(long now) {
        int room = EngineLimits.SIBLINGS_PER_TORRENT - session.presence().siblings();
        if (!session.isHungry() || room <= 0 || looked && now - lookedAt < PAUSE.toNanos()) {
            return;
        }
        looked = true;
        lookedAt = now;
        List<RunningTorrent> strangers = siblings.introducible().stream()
                .filter(each -> isNew(each.presence()))
                .sorted(Comparator.comparingInt(each -> each.presence().siblings()))
                .limit(room)
                .toList();
        strangers.forEach(session.members()::meet);
    }

    private boolean isNew(Presence other) {
        return !session.presence().isConnectedTo(other.peerId())
                && other.siblings() < 2 * EngineLimits.SIBLINGS_PER_TORRENT;
    }
}
