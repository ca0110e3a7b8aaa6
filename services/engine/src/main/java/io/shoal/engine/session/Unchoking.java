package io.shoal.engine.session;

import io.shoal.bittorrent.wire.Extension;
import io.shoal.bittorrent.wire.MetadataMessage;
import io.shoal.engine.choking.Choker;
import io.shoal.engine.choking.Choker.Choice;
import io.shoal.engine.choking.Choker.Optimistic;
import io.shoal.engine.choking.Choker.PeerView;
import io.shoal.engine.choking.Choker.Role;
import io.shoal.engine.choking.UploadSlots;
import io.shoal.engine.metadata.MetadataServing;
import io.shoal.engine.peers.Peer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** Decides which peers a torrent uploads to: runs the choker's rounds, and serves the info dictionary. */
final class Unchoking {
    private final TorrentSession session;
    private final Choker choker;
    private final UploadSlots.Share slots;

    /** The peers in optimistic slots, and since when. */
    private final Map<ConnectedPeer, Long> optimistic = new LinkedHashMap<>();

    private long lastRoundAt;

    /** How many peers are unchoked, without siblings. */
    private int unchoked;

    private byte @Nullable [] info;

    Unchoking(TorrentSession session, RandomGenerator random) {
        this.session = session;
        this.choker = new Choker(random);
        this.slots = session.engine().uploadSlots().share();
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
                && session.isActive()
                && unchoked < request(Math.max(slots.wanted(), unchoked + 1))) {
            unchoked++;
            peer.setChoked(false, session.loop().nanoTime());
        }
    }

    /** Returns how many of {@code wanted} slots the torrent may use now. */
    private int request(int wanted) {
        return slots.request(Math.min(wanted, Choker.slots(session.upRate())));
    }

    /**
     * The store cannot be read for this peer. It is choked, which voids its requests: it would wait for a request that
     * is dropped silently.
     */
    void readFailed(ConnectedPeer peer) {
        if (!peer.connection.isChoked()) {
            left(peer);
            peer.setChoked(true, session.loop().nanoTime());
            peer.connection.flush();
        }
    }

    /** The peer gives its slot back. */
    void left(ConnectedPeer peer) {
        if (!peer.connection.isChoked() && !peer.isSibling()) {
            unchoked--;
        }
        optimistic.remove(peer);
    }

    void chokeAll() {
        for (ConnectedPeer peer : session.connectedPeers()) {
            peer.setChoked(true, session.loop().nanoTime());
            peer.connection.flush();
        }
        unchoked = 0;
        optimistic.clear();
        slots.request(0);
    }

    void metadata(ConnectedPeer peer, MetadataMessage message) {
        if (!(message instanceof MetadataMessage.Request request) || !peer.connection.supports(Extension.METADATA)) {
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
        int interested = 0;
        for (ConnectedPeer peer : session.connectedPeers()) {
            if (peer.isSibling()) {
                interestChanged(peer); // a failed read may have choked it
                continue;
            }
            views.add(view(peer, now));
            interested += peer.connection.isInterested() ? 1 : 0;
        }
        List<Optimistic<ConnectedPeer>> before = new ArrayList<>();
        optimistic.forEach((peer, since) -> before.add(new Optimistic<>(peer, Duration.ofNanos(now - since))));
        Choice<ConnectedPeer> choice =
                choker.choose(views, session.needsPieces() ? Role.LEECH : Role.SEED, before, request(interested));
        Set<ConnectedPeer> chosen = new HashSet<>(choice.unchoked());
        for (PeerView<ConnectedPeer> view : views) {
            view.peer().setChoked(!chosen.contains(view.peer()), now);
        }
        unchoked = chosen.size();
        optimistic.keySet().retainAll(choice.optimistic());
        choice.optimistic().forEach(peer -> optimistic.putIfAbsent(peer, now));
        for (ConnectedPeer peer : session.connectedPeers()) {
            peer.connection.flush(); // only now, because what follows from it changes who is unchoked
        }
    }

    private static PeerView<ConnectedPeer> view(ConnectedPeer peer, long now) {
        Peer connection = peer.connection;
        return new PeerView<>(
                peer,
                connection.isInterested(),
                connection.isSnubbed(),
                connection.down().perSecond(),
                connection.isChoked() ? 0 : connection.up().total() - peer.sentAtChokeChange,
                !connection.isChoked(),
                Duration.ofNanos(now - peer.chokeChangedAt),
                Duration.ofNanos(now - peer.connectedAt));
    }
}
