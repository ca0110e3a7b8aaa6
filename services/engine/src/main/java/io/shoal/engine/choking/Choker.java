package io.shoal.engine.choking;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Decides, every {@link #ROUND}, which peers are unchoked (BEP 3, "choking"). It keeps no state: all that it must know
 * about a peer is in its {@link PeerView}, so the same views and the same random numbers give the same {@link Choice}.
 *
 * <p><b>While downloading</b>, the peers that send most are unchoked, because that keeps them sending. One more slot is
 * optimistic: a random peer has it for {@link #OPTIMISTIC_TURN}, so that new peers can show what they send; newly
 * connected peers are three times as likely. A snubbed peer, which sends no requested block, gets no other slot than
 * that.
 *
 * <p><b>While seeding</b>, no peer sends anything, and preferring the fastest would favour those that have most
 * already. Slots therefore rotate: a peer keeps its turn until it has received {@link #QUOTA}; then the peer that has
 * waited longest is next, if any waits.
 *
 * <p><b>How many</b>: 8, and one more for each 256 KiB/s sent, up to 40. Few slots keep each fast enough to be
 * reciprocated; but peers on slow lines would leave a fast uplink idle, and then the rate that is reached shows that
 * more slots are possible.
 */
public final class Choker {
    /** Time between two decisions. */
    public static final Duration ROUND = Duration.ofSeconds(10);

    static final int SLOTS_MIN = 8;
    static final int SLOTS_MAX = 40;
    static final long BYTES_PER_SECOND_PER_SLOT = 256 << 10;

    static final Duration OPTIMISTIC_TURN = Duration.ofSeconds(30);
    static final Duration NEW = Duration.ofSeconds(60);
    static final int NEW_WEIGHT = 3;

    /** Several pieces of most torrents, for the peer to upload to others. */
    static final long QUOTA = 16 << 20;

    /** Shorter turns are spent on starting up. */
    static final Duration TURN_MIN = Duration.ofSeconds(60);

    /** Longer turns make other peers wait for a slow one. */
    static final Duration TURN_MAX = Duration.ofMinutes(5);

    private final RandomGenerator random;

    public Choker(RandomGenerator random) {
        this.random = random;
    }

    /** This client's role in the swarm. */
    public enum Role {
        LEECH,
        SEED
    }

    /**
     * A peer, as the choker sees it.
     *
     * @param peer the caller's name for it
     * @param interested whether it is interested in us
     * @param snubbed whether it has unchoked us but has not sent a requested block for long
     * @param downRate payload bytes per second that it sends us
     * @param sentInTurn payload bytes that were sent to it since it was unchoked; 0 while it is choked
     * @param unchoked whether it is unchoked now
     * @param inState how long it has been choked, or unchoked
     * @param connected how long it has been connected
     */
    public record PeerView<P>(
            P peer,
            boolean interested,
            boolean snubbed,
            long downRate,
            long sentInTurn,
            boolean unchoked,
            Duration inState,
            Duration connected) {}

    /** The holder of the optimistic slot. */
    public record Optimistic<P>(P peer, Duration held) {}

    /**
     * A decision.
     *
     * @param unchoked the peers to unchoke; all others are choked
     * @param optimistic the holder of the optimistic slot among them; null if there is none
     */
    public record Choice<P>(List<P> unchoked, @Nullable P optimistic) {
        public Choice {
            unchoked = List.copyOf(unchoked);
        }
    }

    /** Returns how many peers are unchoked at once while {@code upRate} payload bytes per second are sent. */
    public static int slots(long upRate) {
        return (int) Math.min(SLOTS_MAX, SLOTS_MIN + upRate / BYTES_PER_SECOND_PER_SLOT);
    }

    /**
     * Decides which peers are unchoked.
     *
     * @param peers all connected peers
     * @param optimistic the holder of the optimistic slot; null if there is none
     * @param upRate payload bytes per second that are sent to all
     */
    public <P> Choice<P> choose(List<PeerView<P>> peers, Role role, @Nullable Optimistic<P> optimistic, long upRate) {
        List<PeerView<P>> interested = new ArrayList<>(peers.size());
        for (PeerView<P> peer : peers) {
            if (peer.interested()) {
                interested.add(peer);
            }
        }
        int slots = slots(upRate);
        return role == Role.SEED ? roundRobin(interested, slots) : titForTat(interested, slots, optimistic);
    }

    private <P> Choice<P> titForTat(List<PeerView<P>> interested, int slots, @Nullable Optimistic<P> before) {
        List<PeerView<P>> best = new ArrayList<>(interested);
        best.removeIf(PeerView::snubbed);
        // Among equals, peers that have a slot keep it: a new one would have to start up.
        best.sort(Comparator.<PeerView<P>>comparingLong(PeerView::downRate)
                .thenComparing(PeerView::unchoked)
                .reversed());
        List<P> unchoked = new ArrayList<>(slots);
        for (PeerView<P> peer : best.subList(0, Math.min(slots - 1, best.size()))) {
            unchoked.add(peer.peer());
        }
        List<PeerView<P>> others = new ArrayList<>(interested);
        others.removeIf(peer -> unchoked.contains(peer.peer()));
        P optimistic = optimistic(others, before);
        if (optimistic != null) {
            unchoked.add(optimistic);
        }
        return new Choice<>(unchoked, optimistic);
    }

    private <P> @Nullable P optimistic(List<PeerView<P>> candidates, @Nullable Optimistic<P> before) {
        int tickets = 0;
        for (PeerView<P> peer : candidates) {
            if (before != null
                    && before.held().compareTo(OPTIMISTIC_TURN) < 0
                    && peer.peer().equals(before.peer())) {
                return before.peer();
            }
            tickets += tickets(peer);
        }
        if (tickets == 0) {
            return null;
        }
        int drawn = random.nextInt(tickets);
        for (PeerView<P> peer : candidates) {
            drawn -= tickets(peer);
            if (drawn < 0) {
                return peer.peer();
            }
        }
        throw new IllegalStateException("more tickets than candidates have");
    }

    private static int tickets(PeerView<?> peer) {
        return peer.connected().compareTo(NEW) < 0 ? NEW_WEIGHT : 1;
    }

    private static <P> Choice<P> roundRobin(List<PeerView<P>> interested, int slots) {
        List<PeerView<P>> order = new ArrayList<>(interested);
        order.sort(Comparator.<PeerView<P>>comparingInt(Choker::turnRank)
                .thenComparing(Comparator.<PeerView<P>, Duration>comparing(PeerView::inState)
                        .reversed()));
        List<P> unchoked = new ArrayList<>(slots);
        for (PeerView<P> peer : order.subList(0, Math.min(slots, order.size()))) {
            unchoked.add(peer.peer());
        }
        return new Choice<>(unchoked, null);
    }

    /** First peers in their turn, then peers that wait, then peers whose turn is over. */
    private static int turnRank(PeerView<?> peer) {
        if (!peer.unchoked()) {
            return 1;
        }
        boolean tooLong = peer.inState().compareTo(TURN_MAX) >= 0;
        boolean served = peer.sentInTurn() >= QUOTA || peer.sentInTurn() == 0;
        return tooLong || served && peer.inState().compareTo(TURN_MIN) >= 0 ? 2 : 0;
    }
}
