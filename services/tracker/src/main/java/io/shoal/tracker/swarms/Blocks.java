package io.shoal.tracker.swarms;

import java.util.ArrayList;
import java.util.List;

/**
 * Memory for the slots of one family's swarms: slabs of a few sizes for the many small swarms, a {@link Crowd} for each large
 * one. A swarm holds its size and the number of its block.
 */
final class Blocks {
    private static final int[] SIZES = {1, 2, 3, 4, 6, 8, 12, 16, 24, 32};

    /** The size of a swarm that is a {@link Crowd}. */
    static final int CROWD = SIZES.length;

    /** Slots of the largest block that is searched one by one: 32 slots are eight cache lines. */
    static final int SMALL_SLOTS = 32;

    private final Family family;
    private final Crowd nobody;
    private final Slab[] slabs = new Slab[SIZES.length];
    private final List<Crowd> crowds = new ArrayList<>();
    private final List<Integer> freeCrowds = new ArrayList<>();

    Blocks(Family family) {
        this.family = family;
        this.nobody = new Crowd(family, 1);
        for (int size = 0; size < SIZES.length; size++) {
            slabs[size] = new Slab(SIZES[size] * family.width);
        }
    }

    /** The smallest size with room for {@code slots}; {@link #CROWD} if no slab has it. */
    static int sizeFor(int slots) {
        int size = 0;
        while (size < CROWD && SIZES[size] < slots) {
            size++;
        }
        return size;
    }

    int capacity(int size, int block) {
        return size == CROWD ? crowds.get(block).capacity() : SIZES[size];
    }

    /** The number of a new block; a crowd has room for {@code slots}. */
    int allocate(int size, int slots) {
        if (size < CROWD) {
            return slabs[size].allocate();
        }
        Crowd crowd = new Crowd(family, slots);
        if (freeCrowds.isEmpty()) {
            crowds.add(crowd);
            return crowds.size() - 1;
        }
        int block = freeCrowds.removeLast();
        crowds.set(block, crowd);
        return block;
    }

    void release(int size, int block) {
        if (size < CROWD) {
            slabs[size].release(block);
        } else {
            crowds.set(block, nobody);
            freeCrowds.add(block);
        }
    }

    Crowd crowd(int block) {
        return crowds.get(block);
    }

    long[] array(int size, int block) {
        return size == CROWD ? crowds.get(block).slots() : slabs[size].page(block);
    }

    int offset(int size, int block) {
        return size == CROWD ? 0 : slabs[size].offset(block);
    }
}
