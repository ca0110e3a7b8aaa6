package io.shoal.tracker.swarms;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Equal blocks of longs in pages: no object header and no reference a block. A freed block's first long holds the number of
 * the next free one. Pages are never given back: a tracker that once held a crowd keeps room for the next.
 */
final class Slab {
    /** Longs of a page at most: 8 KiB, so that pages are few and those that are not full yet waste little. */
    private static final int PAGE_LONGS = 1_024;

    private static final int NONE = -1;

    private final int blockLongs;
    private final int shift;
    private long[][] pages = new long[1][];
    private int pageCount;
    private int fresh;
    private int free = NONE;

    Slab(int blockLongs) {
        this.blockLongs = blockLongs;
        this.shift = 31 - Integer.numberOfLeadingZeros(PAGE_LONGS / blockLongs);
    }

    /** The number of a block whose content is undefined. */
    int allocate() {
        if (free != NONE) {
            int block = free;
            free = (int) page(block)[offset(block)];
            return block;
        }
        if (fresh == pageCount << shift) {
            if (pageCount == pages.length) {
                pages = Arrays.copyOf(pages, pageCount + pageCount / 2 + 1);
            }
            pages[pageCount++] = new long[blockLongs << shift];
        }
        return fresh++;
    }

    void release(int block) {
        page(block)[offset(block)] = free;
        free = block;
    }

    /** The array in which {@code block} lies. */
    long[] page(int block) {
        return pages[block >> shift];
    }

    /** As {@link #page}, for {@link Prefetch}; null if the block is not there. */
    long @Nullable [] pageIfPresent(int block) {
        long[][] all = pages;
        int page = block >> shift;
        return page >= 0 && page < all.length ? all[page] : null;
    }

    /** Where in {@link #page} it begins. */
    int offset(int block) {
        return (block & (1 << shift) - 1) * blockLongs;
    }

    /** One more than the highest number handed out. */
    int end() {
        return fresh;
    }
}
