package io.shoal.tracker.swarms;

import io.shoal.tracker.networks.Address;
import java.util.Arrays;

/**
 * The slots of a swarm too large to be searched one by one, with an index by address: open addressing, at most three quarters full,
 * each entry a slot's number plus one, 0 for none. Removal shifts back, so there are no gravestones to collect.
 */
final class Crowd {
    private final Family family;
    private long[] slots;
    private int[] index;

    Crowd(Family family, int capacity) {
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

    /** Room for {@code capacity} slots, of which the first {@code size} are kept. */
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
        for (int bucket = family.hash(address, port) & mask; index[bucket] != 0; bucket = bucket + 1 & mask) {
            int at = (index[bucket] - 1) * family.width;
            if (family.port(slots, at) == port && family.isAt(slots, at, address)) {
                return index[bucket] - 1;
            }
        }
        return -1;
    }

    /** {@code slot} has been written and is not in the index yet. */
    void added(int slot) {
        int mask = index.length - 1;
        int bucket = home(slot);
        while (index[bucket] != 0) {
            bucket = bucket + 1 & mask;
        }
        index[bucket] = slot + 1;
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
            int home = home(index[bucket] - 1);
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
        index[bucketOfA] = b + 1;
        index[bucketOfB] = a + 1;
    }

    private int home(int slot) {
        return family.hash(slots, slot * family.width) & index.length - 1;
    }

    private int bucketOf(int slot) {
        int mask = index.length - 1;
        int bucket = home(slot);
        while (index[bucket] != slot + 1) {
            bucket = bucket + 1 & mask;
        }
        return bucket;
    }
}
