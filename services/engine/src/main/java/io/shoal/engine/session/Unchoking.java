package io.shoal.engine.session;

import io.shoal.engine.choking.Choker;
import io.shoal.engine.choking.Choker.Choice;
import io.shoal.engine.choking.Choker.Optimistic;
import io.shoal.engine.choking.Choker.PeerView;
import io.shoal.engine.choking.Choker.Role;
import io.shoal.engine.choking.UploadSlots;
import io.shoal.engine.peers.Peer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;

/** Decides which peers a torrent uploads to: runs the choker's rounds. */
final class Unchoking implements UploadRequests {
    private final LongSupplier clock;
    private final PeerSet peers;
    private final TorrentActivity activity;
    private final LongSupplier upRate;
    private final UploadSlots.Share slots;
    private final Choker choker;

    /** The peers in optimistic slots, and since when. */
    private final Map<ConnectedPeer, Long> optimistic = new LinkedHashMap<>();

    private long lastRoundAt;

    /** How many peers are unchoked, without siblings. */
    private int unchoked;

    /** @param upRate returns the torrent's upload rate */
    Unchoking(
            LongSupplier clock,
            PeerSet peers,
            TorrentActivity activity,
            LongSupplier upRate,
            UploadSlots.Share slots,
            RandomGenerator random) {
        this.clock = clock;
        this.peers = peers;
        this.activity = activity;
        this.upRate = upRate;
        this.slots = slots;
        this.choker = new Choker(random);
        this.lastRoundAt = clock.getAsLong();
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
    @Override
    public void interestChanged(ConnectedPeer peer) {
        if (peer.isSibling()) {
            peer.setChoked(!peer.connection.isInterested() || !activity.isActive(), clock.getAsLong());
        } else if (peer.connection.isInterested()
                && peer.connection.isChoked()
                && activity.isActive()
                && unchoked < request(Math.max(slots.wanted(), unchoked + 1))) {
            unchoked++;
            peer.setChoked(false, clock.getAsLong());
        }
    }

    /** Returns how many of {@code wanted} slots the torrent may use now. */
    private int request(int wanted) {
        return slots.request(Math.min(wanted, Choker.slots(upRate.getAsLong())));
    }

    /**
     * The store cannot be read for this peer. It is choked, which voids its requests: it would wait for a request that
     * is dropped silently.
     */
    @Override
    public void readFailed(ConnectedPeer peer) {
        if (!peer.connection.isChoked()) {
            left(peer);
            peer.setChoked(true, clock.getAsLong());
            peer.connection.flush();
        }
    }

    /** Whether the peer has an optimistic slot. */
    boolean isOptimistic(ConnectedPeer peer) {
        return optimistic.containsKey(peer);
    }

    /** The peer gives its slot back. */
    void left(ConnectedPeer peer) {
        if (!peer.connection.isChoked() && !peer.isSibling()) {
            unchoked--;
        }
        optimistic.remove(peer);
    }

    void chokeAll() {
        for (ConnectedPeer peer : peers) {
            peer.setChoked(true, clock.getAsLong());
            peer.connection.flush();
        }
        unchoked = 0;
        optimistic.clear();
        slots.request(0);
    }

    private void runRound(long now) {
        lastRoundAt = now;
        if (!activity.isActive()) {
            return;
        }
        List<PeerView<ConnectedPeer>> views = new ArrayList<>();
        int interested = 0;
        for (ConnectedPeer peer : peers) {
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
                choker.choose(views, activity.needsPieces() ? Role.LEECH : Role.SEED, before, request(interested));
        Set<ConnectedPeer> chosen = new HashSet<>(choice.unchoked());
        for (PeerView<ConnectedPeer> view : views) {
            view.peer().setChoked(!chosen.contains(view.peer()), now);
        }
        unchoked = chosen.size();
        optimistic.keySet().retainAll(choice.optimistic());
        choice.optimistic().forEach(peer -> optimistic.putIfAbsent(peer, now));
        for (ConnectedPeer peer : peers) {
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
