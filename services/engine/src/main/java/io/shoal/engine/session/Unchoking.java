package io.shoal.engine.session;

import io.shoal.bittorrent.wire.MetadataMessage;
import io.shoal.engine.choking.Choker;
import io.shoal.engine.choking.Choker.Choice;
import io.shoal.engine.choking.Choker.Optimistic;
import io.shoal.engine.choking.Choker.PeerView;
import io.shoal.engine.choking.Choker.Role;
import io.shoal.engine.metadata.MetadataServing;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** Decides which peers a torrent uploads to: runs the choker's rounds, and serves the info dictionary. */
final class Unchoking {
    private final TorrentSession session;
    private final Choker choker;
    private @Nullable ConnectedPeer optimistic;
    private long optimisticSince;
    private long lastRoundAt;
    private int unchoked;
    private byte @Nullable [] info;

    Unchoking(TorrentSession session, RandomGenerator random) {
        this.session = session;
        this.choker = new Choker(random);
        this.lastRoundAt = session.loop().nanoTime();
    }

    /** Must be called about once a second. */
    void tick(long now) {
        if (now - lastRoundAt >= Choker.ROUND.toNanos()) {
            runRound(now);
        }
    }

    /**
     * Unchokes an interested peer before the next round while there are free slots. A sibling needs no slot: it is
     * served on this machine, and must not take a slot from peers that upload to us.
     */
    void interestChanged(ConnectedPeer peer) {
        if (peer.isSibling()) {
            peer.setChoked(
                    !peer.connection.isInterested() || !session.isActive(),
                    session.loop().nanoTime());
        } else if (peer.connection.isInterested()
                && peer.connection.isChoked()
                && unchoked < Choker.slots(session.upRate())
                && session.isActive()) {
            unchoked++;
            peer.setChoked(false, session.loop().nanoTime());
        }
    }

    void left(ConnectedPeer peer) {
        if (!peer.connection.isChoked() && !peer.isSibling()) {
            unchoked--;
        }
        if (optimistic == peer) {
            optimistic = null;
        }
    }

    void chokeAll() {
        for (ConnectedPeer peer : session.connectedPeers()) {
            peer.setChoked(true, session.loop().nanoTime());
            peer.connection.flush();
        }
        unchoked = 0;
        optimistic = null;
    }

    void metadata(ConnectedPeer peer, MetadataMessage message) {
        if (!(message instanceof MetadataMessage.Request request) || !peer.connection.supportsMetadata()) {
            return; // a part or a rejection; this torrent has all of it
        }
        long now = session.loop().nanoTime();
        if (peer.metadata == null) {
            peer.metadata = new MetadataServing(info(), session.info().isPrivate(), now);
        }
        peer.connection.send(peer.metadata.answer(request, now));
    }

    /** One copy for all peers. */
    private byte[] info() {
        byte[] bytes = info;
        if (bytes == null) {
            bytes = session.info().bytes();
            info = bytes;
        }
        return bytes;
    }

    private void runRound(long now) {
        lastRoundAt = now;
        if (!session.isActive()) {
            return;
        }
        List<PeerView<ConnectedPeer>> views = new ArrayList<>();
        for (ConnectedPeer peer : session.connectedPeers()) {
            if (peer.isSibling()) {
                continue;
            }
            views.add(new PeerView<>(
                    peer,
                    peer.connection.isInterested(),
                    peer.connection.isSnubbed(),
                    peer.connection.down().perSecond(),
                    peer.connection.isChoked() ? 0 : peer.connection.up().total() - peer.sentAtChokeChange,
                    !peer.connection.isChoked(),
                    Duration.ofNanos(now - peer.chokeChangedAt),
                    Duration.ofNanos(now - peer.connectedAt)));
        }
        ConnectedPeer before = optimistic;
        Choice<ConnectedPeer> choice = choker.choose(
                views,
                session.isDone() ? Role.SEED : Role.LEECH,
                before == null ? null : new Optimistic<>(before, Duration.ofNanos(now - optimisticSince)),
                session.upRate());
        Set<ConnectedPeer> chosen = new HashSet<>(choice.unchoked());
        for (ConnectedPeer peer : session.connectedPeers()) {
            if (!peer.isSibling()) {
                peer.setChoked(!chosen.contains(peer), now);
                peer.connection.flush();
            }
        }
        unchoked = chosen.size();
        if (choice.optimistic() != before) {
            optimistic = choice.optimistic();
            optimisticSince = now;
        }
    }
}
