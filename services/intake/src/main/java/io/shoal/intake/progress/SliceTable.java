package io.shoal.intake.progress;

import java.util.Arrays;
import java.util.function.IntPredicate;

/**
 * A map from keys of slices to a fixed number of longs each, for more slices than there is room for objects: a slice takes the 24 bytes
 * of its key, its longs, and about 8 bytes of the index.
 *
 * <p>Rows are numbered from 0 without gaps: the last row takes the place of one that is removed, so the number of a row holds until
 * the next removal only. Invariant: the index, an open-addressing hash table of a power of two of places, at most two thirds of which
 * are taken, holds the number of each row plus one, and no empty place lies between the first place of a key and where its row is
 * found. Not thread-safe.
 */
final class SliceTable {
    /** Rows of a page; memory grows and shrinks by pages, and nothing is copied. */
    private static final int PAGE = 1_024;

    private static final int KEY_LONGS = 3;
    private static final int SMALLEST = 16;

    private final int width;
    private long[][] pages = new long[1][];
    private int[] index = new int[SMALLEST];
    private int size;

    /** @param columns longs of each slice */
    SliceTable(int columns) {
        this.width = KEY_LONGS + columns;
    }

    int size() {
        return size;
    }

    /** Returns the row of {@code key}; -1 if it has none. */
    int find(PackedKey key) {
        int found = index[place(key)];
        return found - 1;
    }

    /** Returns the row of {@code key}, which is added with zeros if it has none. */
    int add(PackedKey key) {
        int place = place(key);
        if (index[place] != 0) {
            return index[place] - 1;
        }
        if (3L * (size + 1) > 2L * index.length) {
            grow();
            place = place(key);
        }
        int row = size++;
        long[] page = page(row);
        int at = at(row);
        Arrays.fill(page, at, at + width, 0);
        page[at] = key.high();
        page[at + 1] = key.low();
        page[at + 2] = key.rest();
        index[place] = row + 1;
        return row;
    }

    /** Removes {@code key}; returns whether it had a row. */
    boolean remove(PackedKey key) {
        int place = place(key);
        if (index[place] == 0) {
            return false;
        }
        int row = index[place] - 1;
        close(place);
        int last = --size;
        if (row != last) {
            index[place(key(last))] = row + 1;
            System.arraycopy(pages[last / PAGE], at(last), pages[row / PAGE], at(row), width);
        }
        if (last % PAGE == 0 && last / PAGE + 1 < pages.length) {
            pages[last / PAGE + 1] = null; // one empty page stays, so that nothing is made and dropped in turns
        }
        return true;
    }

    /** Removes each row for which {@code isGone} holds; it is asked once for each. */
    void removeIf(IntPredicate isGone) {
        for (int row = size - 1; row >= 0; row--) { // what takes its place was asked before
            if (isGone.test(row)) {
                remove(key(row));
            }
        }
    }

    PackedKey key(int row) {
        long[] page = pages[row / PAGE];
        int at = at(row);
        return new PackedKey(page[at], page[at + 1], (int) page[at + 2]);
    }

    long get(int row, int column) {
        return pages[row / PAGE][at(row) + KEY_LONGS + column];
    }

    void set(int row, int column, long value) {
        pages[row / PAGE][at(row) + KEY_LONGS + column] = value;
    }

    /** Returns the bytes of memory that its arrays take. */
    long bytes() {
        long all = 4L * index.length + 8L * pages.length;
        for (long[] page : pages) {
            all += page == null ? 0 : 8L * page.length;
        }
        return all;
    }

    private int at(int row) {
        return row % PAGE * width;
    }

    private long[] page(int row) {
        int number = row / PAGE;
        if (number == pages.length) {
            pages = Arrays.copyOf(pages, 2 * pages.length);
        }
        long[] page = pages[number];
        if (page == null) {
            page = new long[PAGE * width];
            pages[number] = page;
        }
        return page;
    }

    /** Returns the place of {@code key} in the index: the one that has its row, or the empty one where it belongs. */
    private int place(PackedKey key) {
        int mask = index.length - 1;
        int place = key.hash() & mask;
        while (index[place] != 0 && !isAt(index[place] - 1, key)) {
            place = place + 1 & mask;
        }
        return place;
    }

    private boolean isAt(int row, PackedKey key) {
        long[] page = pages[row / PAGE];
        int at = at(row);
        return page[at] == key.high() && page[at + 1] == key.low() && (int) page[at + 2] == key.rest();
    }

    /** Empties a place, and moves back what follows it and would not be found any more. */
    private void close(int place) {
        int mask = index.length - 1;
        int gap = place;
        for (int next = gap + 1 & mask; index[next] != 0; next = next + 1 & mask) {
            int first = key(index[next] - 1).hash() & mask;
            if ((next - first & mask) >= (next - gap & mask)) {
                index[gap] = index[next];
                gap = next;
            }
        }
        index[gap] = 0;
    }

    private void grow() {
        index = new int[2 * index.length];
        int mask = index.length - 1;
        for (int row = 0; row < size; row++) {
            int place = key(row).hash() & mask;
            while (index[place] != 0) {
                place = place + 1 & mask;
            }
            index[place] = row + 1;
        }
    }
}
