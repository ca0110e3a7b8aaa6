package io.shoal.engine.session;

import io.shoal.engine.announce.AnnounceProgress;
import java.util.function.LongSupplier;

/** What is announced about a torrent. */
final class TorrentProgress implements AnnounceProgress {
    /** With more peers than this, no more are asked for. */
    private static final int ENOUGH_PEERS = 150;

    private final SessionCounters counters;
    private final LongSupplier left;
    private final TorrentActivity activity;
    private final PeerSet peers;

    /** @param left returns the bytes of the whole torrent that are not verified */
    TorrentProgress(SessionCounters counters, LongSupplier left, TorrentActivity activity, PeerSet peers) {
        this.counters = counters;
        this.left = left;
        this.activity = activity;
        this.peers = peers;
    }

    @Override
    public long uploaded() {
        return counters.uploaded();
    }

    @Override
    public long downloaded() {
        return counters.downloaded();
    }

    @Override
    public long left() {
        return left.getAsLong();
    }

    @Override
    public boolean isPartialSeed() {
        return activity.isDone() && left() > 0;
    }

    @Override
    public PeerDemand peerDemand() {
        if (activity.needsPieces() && peers.size() < ENOUGH_PEERS) {
            return PeerDemand.MANY;
        }
        return peers.size() < ENOUGH_PEERS / 5 ? PeerDemand.SOME : PeerDemand.NONE;
    }

    @Override
    public boolean isIsolated() {
        return activity.needsPieces() && !peers.hasSource();
    }
}
