package io.shoal.tracker.swarms;

import io.shoal.tracker.networks.Address;
import java.util.Arrays;

/**
 * The slots of a swarm too large to be searched one by one, with an index by address: open addressing, at most three quarters full,
 * each entry 11 bits of the address' hash and 21 of a slot's number plus one, 0 for none: so that among the peers of one bucket
 * only the matching slot is read. Removal shifts entries back, so there are no tombstones to collect.
 */
final class IndexedSlots {
    private static final int SLOT_BITS = 21;
    private static final int SLOT = (1 << SLOT_BITS) - 1;

    private final Family family;
    private long[] slots;
    private int[] index;

    IndexedSlots(Family family, int capacity) {
        this.family = family;
        this.slots = new long[capacity * family.width];
        this.index = new int[indexLength(capacity)];
    }

    private static int indexLength(int capacity) {
        return Integer.highestOneBit(capacity + capacity / 3) << 1;
    }

    long[] slots() {
        return slots;
    }

    int capacity() {
        return slots.length / family.width;
    }

    /** PeerQuota for {@code capacity} slots, of which the first {@code size} are kept. */
    void resize(int capacity, int size) {
        slots = Arrays.copyOf(slots, capacity * family.width);
        index = new int[indexLength(capacity)];
        for (int slot = 0; slot < size; slot++) {
            added(slot);
        }
    }

    /** The slot of the peer at {@code address} and {@code port}, or -1. */
    int find(Address address, int port) {
        int mask = index.length - 1;
        int hash = family.hash(address, port);
        for (int bucket = hash & mask; index[bucket] != 0; bucket = bucket + 1 & mask) {
            int entry = index[bucket];
            if ((entry ^ hash) >>> SLOT_BITS == 0) {
                int at = slot(entry) * family.width;
                if (family.port(slots, at) == port && family.isAt(slots, at, address)) {
                    return slot(entry);
                }
            }
        }
        return -1;
    }

    /** Where in {@link #slots} the peer with this hash probably is, for {@link Prefetch}; negative if nowhere. */
    int slotHint(int hash) {
        int[] all = index;
        return slot(all[hash & all.length - 1]) * family.width;
    }

    /** {@code slot} has been written and is not in the index yet. */
    void added(int slot) {
        int mask = index.length - 1;
        int hash = hash(slot);
        int bucket = hash & mask;
        while (index[bucket] != 0) {
            bucket = bucket + 1 & mask;
        }
        index[bucket] = entry(slot, hash);
    }

    /** {@code slot} is about to be dropped. */
    void removing(int slot) {
        int mask = index.length - 1;
        int hole = bucketOf(slot);
        int bucket = hole;
        while (true) {
            bucket = bucket + 1 & mask;
            if (index[bucket] == 0) {
                index[hole] = 0;
                return;
            }
            int home = hash(slot(index[bucket])) & mask;
            // An entry may move into the hole unless its home lies behind the hole.
            if ((bucket - home & mask) >= (bucket - hole & mask)) {
                index[hole] = index[bucket];
                hole = bucket;
            }
        }
    }

    /** {@code a} and {@code b} are about to exchange their content. */
    void swapping(int a, int b) {
        int bucketOfA = bucketOf(a);
        int bucketOfB = bucketOf(b);
        index[bucketOfA] = entry(b, index[bucketOfA]);
        index[bucketOfB] = entry(a, index[bucketOfB]);
    }

    private static int entry(int slot, int hash) {
        return hash & ~SLOT | slot + 1;
    }

    private static int slot(int entry) {
        return (entry & SLOT) - 1;
    }

    private int hash(int slot) {
        return family.hash(slots, slot * family.width);
    }

    private int bucketOf(int slot) {
        int mask = index.length - 1;
        int bucket = hash(slot) & mask;
        while (slot(index[bucket]) != slot) {
            bucket = bucket + 1 & mask;
        }
        return bucket;
    }
}
