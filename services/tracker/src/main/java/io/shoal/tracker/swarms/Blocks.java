package io.shoal.tracker.swarms;

import java.lang.invoke.VarHandle;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

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
    private Crowd[] crowds = new Crowd[1];
    private int crowdCount;
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
        return size == CROWD ? crowds[block].capacity() : SIZES[size];
    }

    /** The number of a new block; a crowd has room for {@code slots}. */
    int allocate(int size, int slots) {
        if (size < CROWD) {
            return slabs[size].allocate();
        }
        Crowd crowd = new Crowd(family, slots);
        int block = freeCrowds.isEmpty() ? crowdCount++ : freeCrowds.removeLast();
        if (block == crowds.length) {
            crowds = Arrays.copyOf(crowds, 2 * block);
        }
        VarHandle.releaseFence(); // who glances at it finds it whole
        crowds[block] = crowd;
        return block;
    }

    void release(int size, int block) {
        if (size < CROWD) {
            slabs[size].release(block);
        } else {
            crowds[block] = nobody;
            freeCrowds.add(block);
        }
    }

    Crowd crowd(int block) {
        return crowds[block];
    }

    long[] array(int size, int block) {
        return size == CROWD ? crowds[block].slots() : slabs[size].page(block);
    }

    int offset(int size, int block) {
        return size == CROWD ? 0 : slabs[size].offset(block);
    }

    /** As {@link #crowd}, for {@link Glance}; null if it is not there. */
    @Nullable
    Crowd glanceAtCrowd(int block) {
        Crowd[] all = crowds;
        return block >= 0 && block < all.length ? all[block] : null;
    }

    /** As {@link #array} of a size below {@link #CROWD}, for {@link Glance}; null if it is not there. */
    long @Nullable [] glanceAtArray(int size, int block) {
        return slabs[size].glance(block);
    }

    /** Longs of a block of a size below {@link #CROWD}. */
    int longs(int size) {
        return SIZES[size] * family.width;
    }
}
