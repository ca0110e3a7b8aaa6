package io.shoal.swarm.slots;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
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
        private final LinkedHashMap<Slots.Share, Claim> line = new LinkedHashMap<>();
        private int shares;

        /** Slots that its torrents hold or are offered. */
        int held;

        /** Held slots that are asked back. */
        int draining;

        private Owner(String name) {
            this.name = name;
        }
    }

    private final Map<String, Owner> owners = new HashMap<>();
    private final TreeSet<Owner> order = new TreeSet<>(Comparator.<Owner>comparingInt(owner -> owner.held)
            .thenComparingLong(owner -> owner.line.firstEntry().getKey().ticket));
    private final LinkedHashMap<Slots.Share, Claim> helping = new LinkedHashMap<>();
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
     * A torrent waits for {@code claim}. It keeps its place if it waits already.
     *
     * @param ahead whether it was served, and needs more than was offered: it stays at the head of its owner's line
     */
    void add(Claim claim, boolean ahead) {
        Slots.Share share = claim.share;
        waiting += contains(share) ? 0 : 1;
        if (claim.helps) {
            helping.put(share, claim);
            return;
        }
        SequencedMap<Slots.Share, Claim> line = share.owner().line;
        if (line.replace(share, claim) != null) {
            return;
        }
        reorder(share.owner(), () -> {
            if (ahead) {
                line.putFirst(share, claim);
            } else {
                share.ticket = tickets++;
                line.put(share, claim);
            }
        });
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
        if (share.owner().line.containsKey(share)) {
            reorder(share.owner(), () -> share.owner().line.remove(share));
            waiting -= contains(share) ? 0 : 1;
        }
    }

    /** {@code share} does not wait any more for slots that help to fill open segments. */
    void removeHelping(Slots.Share share) {
        if (helping.remove(share) != null) {
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
        return helping.containsKey(share) || share.owner().line.containsKey(share);
    }

    /** Whether any torrent waits other than {@code share}. */
    boolean hasOthers(Slots.Share share) {
        return waiting > (contains(share) ? 1 : 0);
    }

    /** Returns what is served first; null if no torrent waits. */
    @Nullable
    Claim first() {
        if (!helping.isEmpty()) {
            return helping.firstEntry().getValue();
        }
        return order.isEmpty() ? null : order.first().line.firstEntry().getValue();
    }

    /** Returns up to {@code most} claims, about in the order in which they will be served: owners take turns. */
    List<Claim> inOrder(int most) {
        List<Claim> all = new ArrayList<>();
        helping.values().stream().limit(most).forEach(all::add);
        List<Iterator<Claim>> lines = new ArrayList<>();
        order.stream().limit(most).map(owner -> owner.line.values().iterator()).forEach(lines::add);
        while (all.size() < most && !lines.isEmpty()) {
            for (Iterator<Iterator<Claim>> each = lines.iterator(); each.hasNext() && all.size() < most; ) {
                Iterator<Claim> line = each.next();
                all.add(line.next());
                if (!line.hasNext()) {
                    each.remove();
                }
            }
        }
        return all;
    }
}
