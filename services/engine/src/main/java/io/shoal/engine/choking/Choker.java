package io.shoal.engine.choking;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Decides, every {@link #ROUND}, whom we give to (BEP 3, "choking"). It remembers nothing: all that it must know of a peer is
 * in its {@link PeerView}, so the same views and the same random numbers give the same {@link Choice}.
 *
 * <p><b>While we download</b> we give to those who give most to us: that is what makes them go on. One more slot is
 * optimistic: it goes for {@link #OPTIMISTIC_TURN} to somebody at random, so that newcomers can show what they give; the
 * newly connected, who have nothing to show yet, are three times as likely. A peer that owes us blocks and sends none
 * (snubbed) gets no other slot than that.
 *
 * <p><b>When we seed</b> nobody has anything to give, and favouring those who take fastest would feed the rich. So slots go
 * round: a peer keeps its turn until it got {@link #QUOTA}, then the one who has waited longest is next, if somebody waits.
 *
 * <p><b>How many</b>: 8, and one more for each 256 KiB/s that we send, up to 40. Few slots keep each fast enough to be worth
 * reciprocating; but peers on slow lines would leave a fast uplink idle, and then what is sent shows that more can be.
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

    /** Enough to have several pieces of most torrents to give on. */
    static final long QUOTA = 16 << 20;

    /** Shorter turns are spent on starting up. */
    static final Duration TURN_MIN = Duration.ofSeconds(60);

    /** Longer turns make others wait for one who takes slowly. */
    static final Duration TURN_MAX = Duration.ofMinutes(5);

    private final RandomGenerator random;

    public Choker(RandomGenerator random) {
        this.random = random;
    }

    /** What we are to the swarm. */
    public enum Role {
        LEECH,
        SEED
    }

    /**
     * A peer, as far as it matters here.
     *
     * @param peer the caller's name for it
     * @param interested whether it wants something of us
     * @param snubbed whether it has unchoked us and owes us blocks, but has sent none for a minute
     * @param downRate payload bytes per second that it gives us
     * @param sentInTurn payload bytes that we have sent since we unchoked it; 0 while it is choked
     * @param unchoked whether we give to it now
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

    /**
     * Who holds the optimistic slot, and since when.
     */
    public record Optimistic<P>(P peer, Duration held) {}

    /**
     * A decision.
     *
     * @param unchoked whom we give to; everybody else is choked
     * @param optimistic who of them holds the optimistic slot; null if nobody does
     */
    public record Choice<P>(List<P> unchoked, @Nullable P optimistic) {
        public Choice {
            unchoked = List.copyOf(unchoked);
        }
    }

    /** How many peers we give to at once while we send {@code upRate} payload bytes per second. */
    public static int slots(long upRate) {
        return (int) Math.min(SLOTS_MAX, SLOTS_MIN + upRate / BYTES_PER_SECOND_PER_SLOT);
    }

    /**
     * Decides whom to give to.
     *
     * @param peers all connected
     * @param optimistic who holds the optimistic slot; null if nobody does
     * @param upRate payload bytes per second that we send to all
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
        // Among equals those who have a slot keep it: a new one would have to start up.
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

    /** First those in their turn, then those who wait, then those who have had their turn. */
    private static int turnRank(PeerView<?> peer) {
        if (!peer.unchoked()) {
            return 1;
        }
        boolean tooLong = peer.inState().compareTo(TURN_MAX) >= 0;
        boolean served = peer.sentInTurn() >= QUOTA || peer.sentInTurn() == 0;
        return tooLong || served && peer.inState().compareTo(TURN_MIN) >= 0 ? 2 : 0;
    }
}
