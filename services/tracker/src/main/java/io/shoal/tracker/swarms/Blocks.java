package io.shoal.tracker.swarms;

import java.lang.invoke.VarHandle;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Memory for the slots of one family's swarms: slabs of a few sizes for the many small swarms, a {@link IndexedSlots} for each large
 * one. A swarm holds its size and the number of its block.
 */
final class Blocks {
    private static final int[] SIZES = {1, 2, 3, 4, 6, 8, 12, 16, 24, 32};

    /** The size of a swarm that is a {@link IndexedSlots}. */
    static final int INDEXED = SIZES.length;

    /** Slots of the largest block that is searched one by one: 32 slots are eight cache lines. */
    static final int SMALL_SLOTS = 32;

    private final Family family;
    private final IndexedSlots empty;
    private final Slab[] slabs = new Slab[SIZES.length];
    private IndexedSlots[] indexed = new IndexedSlots[1];
    private int indexedCount;
    private final List<Integer> freeIndexed = new ArrayList<>();

    Blocks(Family family) {
        this.family = family;
        this.empty = new IndexedSlots(family, 1);
        for (int size = 0; size < SIZES.length; size++) {
            slabs[size] = new Slab(SIZES[size] * family.width);
        }
    }

    /** The smallest size with room for {@code slots}; {@link #INDEXED} if no slab has it. */
    static int sizeFor(int slots) {
        int size = 0;
        while (size < INDEXED && SIZES[size] < slots) {
            size++;
        }
        return size;
    }

    int capacity(int size, int block) {
        return size == INDEXED ? indexed[block].capacity() : SIZES[size];
    }

    /** The number of a new block; an indexed block has room for {@code slots}. */
    int allocate(int size, int slots) {
        if (size < INDEXED) {
            return slabs[size].allocate();
        }
        IndexedSlots created = new IndexedSlots(family, slots);
        int block = freeIndexed.isEmpty() ? indexedCount++ : freeIndexed.removeLast();
        if (block == indexed.length) {
            indexed = Arrays.copyOf(indexed, 2 * block);
        }
        VarHandle.releaseFence(); // an unlocked reader must see it fully constructed
        indexed[block] = created;
        return block;
    }

    void release(int size, int block) {
        if (size < INDEXED) {
            slabs[size].release(block);
        } else {
            indexed[block] = empty;
            freeIndexed.add(block);
        }
    }

    IndexedSlots indexed(int block) {
        return indexed[block];
    }

    long[] array(int size, int block) {
        return size == INDEXED ? indexed[block].slots() : slabs[size].page(block);
    }

    int offset(int size, int block) {
        return size == INDEXED ? 0 : slabs[size].offset(block);
    }

    /** As {@link #indexed}, for {@link Prefetch}; null if it is not there. */
    @Nullable
    IndexedSlots indexedIfPresent(int block) {
        IndexedSlots[] all = indexed;
        return block >= 0 && block < all.length ? all[block] : null;
    }

    /** As {@link #array} of a size below {@link #INDEXED}, for {@link Prefetch}; null if it is not there. */
    long @Nullable [] arrayIfPresent(int size, int block) {
        return slabs[size].pageIfPresent(block);
    }

    /** Longs of a block of a size below {@link #INDEXED}. */
    int longs(int size) {
        return SIZES[size] * family.width;
    }
}
