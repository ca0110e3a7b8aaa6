package io.shoal.swarm.scratch;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.SequencedSet;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * The torrents that wait for slots, in the order in which they are served: first those that continue open segments,
 * which then return slots; then the longest waiting torrent of the owner that holds the fewest slots. A torrent may stand in
 * both lines.
 *
 * <p>Every change takes O(log owners). Guarded by the lock of {@link Slots}.
 */
final class WaitingShares {
    /**
     * What a torrent waits for.
     *
     * @param helps whether the slots help to fill a segment that is open
     */
    record Claim(Slots.Share share, int need, boolean helps) {}

    /** An owner of torrents. */
    static final class Owner {
        private final String name;
        private final LinkedHashSet<Slots.Share> line = new LinkedHashSet<>();
        private int shares;

        /** Slots that its torrents hold or are offered. */
        int held;

        /** Held slots that are asked back. */
        int draining;

        /** Slots that it will have when the slots that are asked back have moved; valid during a review. */
        int expected;

        /** Slots that it will get; valid during a review. */
        int granted;

        private Owner(String name) {
            this.name = name;
        }
    }

    private final Map<String, Owner> owners = new HashMap<>();
    private final TreeSet<Owner> order = new TreeSet<>(Comparator.<Owner>comparingInt(owner -> owner.held)
            .thenComparingLong(owner -> owner.line.getFirst().ticket));
    private final LinkedHashSet<Slots.Share> helping = new LinkedHashSet<>();
    private int waiting;
    private long tickets;

    /** Returns how many torrents wait. */
    int size() {
        return waiting;
    }

    /** A torrent of the owner of this name has joined. */
    Owner join(String name) {
        Owner owner = owners.computeIfAbsent(name, Owner::new);
        owner.shares++;
        return owner;
    }

    /** A torrent of {@code owner} has left. */
    void leave(Owner owner) {
        owner.shares--;
        forgetIfUnused(owner);
    }

    void forgetIfUnused(Owner owner) {
        if (owner.shares == 0 && owner.held == 0) {
            owners.remove(owner.name, owner);
        }
    }

    void changeHeld(Owner owner, int change) {
        reorder(owner, () -> owner.held += change);
    }

    /**
     * {@code share} waits for {@code need} slots to open segments. It keeps its place if it waits already.
     *
     * @param ahead whether it was served, and needs more than was offered: it stays at the head of its owner's line
     */
    void add(Slots.Share share, int need, boolean ahead) {
        share.need = need;
        SequencedSet<Slots.Share> line = share.owner().line;
        if (line.contains(share)) {
            return;
        }
        waiting += contains(share) ? 0 : 1;
        reorder(share.owner(), () -> {
            if (ahead) {
                line.addFirst(share);
            } else {
                share.ticket = tickets++;
                line.addLast(share);
            }
        });
    }

    /** {@code share} waits for {@code need} slots that help to fill open segments. */
    void addHelping(Slots.Share share, int need) {
        share.helpNeed = need;
        waiting += contains(share) ? 0 : 1;
        helping.add(share);
    }

    /** {@code served} does not wait any more. */
    void remove(Claim served) {
        if (served.helps) {
            removeHelping(served.share);
        } else {
            removeWaiting(served.share);
        }
    }

    /** {@code share} does not wait any more for slots to open segments. */
    void removeWaiting(Slots.Share share) {
        if (share.owner().line.contains(share)) {
            reorder(share.owner(), () -> share.owner().line.remove(share));
            waiting -= contains(share) ? 0 : 1;
        }
    }

    /** {@code share} does not wait any more for slots that help to fill open segments. */
    void removeHelping(Slots.Share share) {
        if (helping.remove(share)) {
            waiting -= contains(share) ? 0 : 1;
        }
    }

    private void reorder(Owner owner, Runnable change) {
        if (!owner.line.isEmpty()) {
            order.remove(owner);
        }
        change.run();
        if (!owner.line.isEmpty()) {
            order.add(owner);
        }
    }

    boolean contains(Slots.Share share) {
        return helping.contains(share) || share.owner().line.contains(share);
    }

    /** Whether any torrent waits other than {@code share}. */
    boolean hasOthers(Slots.Share share) {
        return waiting > (contains(share) ? 1 : 0);
    }

    /** Returns what is served first; null if no torrent waits. */
    @Nullable
    Claim first() {
        if (!helping.isEmpty()) {
            return helpingClaim(helping.getFirst());
        }
        return order.isEmpty() ? null : claim(order.first().line.getFirst());
    }

    private static Claim claim(Slots.Share share) {
        return new Claim(share, share.need, false);
    }

    private static Claim helpingClaim(Slots.Share share) {
        return new Claim(share, share.helpNeed, true);
    }

    /** Returns up to {@code most} claims, about in the order in which they will be served: owners take turns. */
    List<Claim> inOrder(int most) {
        List<Claim> all = new ArrayList<>();
        helping.stream().limit(most).map(WaitingShares::helpingClaim).forEach(all::add);
        List<Iterator<Slots.Share>> lines = new ArrayList<>();
        order.stream().limit(most).map(owner -> owner.line.iterator()).forEach(lines::add);
        while (all.size() < most && !lines.isEmpty()) {
            for (Iterator<Iterator<Slots.Share>> each = lines.iterator(); each.hasNext() && all.size() < most; ) {
                Iterator<Slots.Share> line = each.next();
                all.add(claim(line.next()));
                if (!line.hasNext()) {
                    each.remove();
                }
            }
        }
        return all;
    }
}
