package io.shoal.engine.choking;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.random.RandomGenerator;

/**
 * Decides, every {@link #ROUND}, which peers are unchoked (BEP 3, "choking"). It keeps no state: all that it must know
 * about a peer is in its {@link PeerView}, so the same views and the same random numbers give the same {@link Choice}.
 *
 * <p><b>While downloading</b>, the peers that send most are unchoked, because that keeps them sending. Among peers that
 * send equally much, mostly nothing, the one that has waited longest is next, after each {@link #TRIAL}. A fifth of the
 * slots, and at least one, is optimistic: random peers have them for {@link #OPTIMISTIC_TURN}, so that new peers can show
 * what they send; newly connected peers are three times as likely. A snubbed peer, which sends no requested block, gets
 * no other slot than these.
 *
 * <p><b>While seeding</b>, or not downloading for another reason, no peer sends anything, and preferring the fastest would favour those that have most
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

    /** One slot in so many is optimistic. */
    static final int SLOTS_PER_OPTIMISTIC = 5;

    /** How long a peer keeps its slot before others that send as much get it: enough to send a first block. */
    static final Duration TRIAL = Duration.ofSeconds(20);

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
        /** It downloads. */
        LEECH,
        /** It does not download: it has all that it wants, or cannot. */
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

    /** The holder of an optimistic slot. */
    public record Optimistic<P>(P peer, Duration held) {}

    /**
     * A decision.
     *
     * @param unchoked the peers to unchoke; all others are choked
     * @param optimistic the holders of optimistic slots among them
     */
    public record Choice<P>(List<P> unchoked, List<P> optimistic) {
        public Choice {
            unchoked = List.copyOf(unchoked);
            optimistic = List.copyOf(optimistic);
        }
    }

    /** Returns how many peers may be unchoked at once while {@code upRate} payload bytes per second are sent. */
    public static int slots(long upRate) {
        return (int) Math.min(SLOTS_MAX, SLOTS_MIN + upRate / BYTES_PER_SECOND_PER_SLOT);
    }

    /**
     * Decides which peers are unchoked.
     *
     * @param peers all connected peers
     * @param optimistic the holders of optimistic slots
     * @param slots how many may be unchoked
     */
    public <P> Choice<P> choose(List<PeerView<P>> peers, Role role, List<Optimistic<P>> optimistic, int slots) {
        List<PeerView<P>> interested = new ArrayList<>(peers.size());
        for (PeerView<P> peer : peers) {
            if (peer.interested()) {
                interested.add(peer);
            }
        }
        return role == Role.SEED ? roundRobin(interested, slots) : titForTat(interested, slots, optimistic);
    }

    private <P> Choice<P> titForTat(List<PeerView<P>> interested, int slots, List<Optimistic<P>> before) {
        int optimisticSlots = Math.min(slots, Math.max(1, slots / SLOTS_PER_OPTIMISTIC));
        List<PeerView<P>> best = new ArrayList<>(interested);
        best.removeIf(PeerView::snubbed);
        best.sort(Comparator.<PeerView<P>>comparingLong(PeerView::downRate)
                .reversed()
                .thenComparingInt(Choker::tieRank)
                .thenComparing(Choker::waited, Comparator.reverseOrder()));
        List<P> unchoked = new ArrayList<>(slots);
        for (PeerView<P> peer : best.subList(0, Math.min(slots - optimisticSlots, best.size()))) {
            unchoked.add(peer.peer());
        }
        List<PeerView<P>> others = new ArrayList<>(interested);
        others.removeIf(peer -> unchoked.contains(peer.peer()));
        List<P> optimistic = optimistic(others, before, optimisticSlots);
        unchoked.addAll(optimistic);
        return new Choice<>(unchoked, optimistic);
    }

    /** First peers on trial, then peers that wait, then peers whose trial is over. */
    private static int tieRank(PeerView<?> peer) {
        if (!peer.unchoked()) {
            return 1;
        }
        return peer.inState().compareTo(TRIAL) < 0 ? 0 : 2;
    }

    /** Returns how long it has been choked; less than nothing if it is not. */
    private static Duration waited(PeerView<?> peer) {
        return peer.unchoked() ? peer.inState().negated() : peer.inState();
    }

    private <P> List<P> optimistic(List<PeerView<P>> candidates, List<Optimistic<P>> before, int slots) {
        List<P> holders = new ArrayList<>(slots);
        for (Optimistic<P> holder : before) {
            if (holders.size() < slots
                    && holder.held().compareTo(OPTIMISTIC_TURN) < 0
                    && candidates.removeIf(peer -> peer.peer().equals(holder.peer()))) {
                holders.add(holder.peer());
            }
        }
        while (holders.size() < slots && !candidates.isEmpty()) {
            holders.add(candidates.remove(draw(candidates)).peer());
        }
        return holders;
    }

    /** Returns the index of a random candidate; there must be one. */
    private <P> int draw(List<PeerView<P>> candidates) {
        int tickets = 0;
        for (PeerView<P> peer : candidates) {
            tickets += tickets(peer);
        }
        int drawn = random.nextInt(tickets);
        int index = -1;
        while (drawn >= 0) {
            drawn -= tickets(candidates.get(++index));
        }
        return index;
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
        return new Choice<>(unchoked, List.of());
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
