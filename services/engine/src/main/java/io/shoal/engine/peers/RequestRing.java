package io.shoal.engine.peers;

import java.util.Arrays;

/**
 * The outstanding requests to a peer, oldest first. Peers answer in order, so a received block nearly always matches
 * the first that is not late.
 *
 * <p>Invariant: the first {@link #late} requests are late, all others are on time: a request becomes late only after
 * all older ones.
 */
final class RequestRing {
    private int[] pieces = new int[16];
    private int[] begins = new int[16];

    /** When each was sent; when it became late, once it is. */
    private long[] times = new long[16];

    /** How many requests that were sent later have been answered. */
    private int[] overtaken = new int[16];

    private int first;
    private int size;
    private int late;

    int size() {
        return size;
    }

    /** Returns how many are late. */
    int late() {
        return late;
    }

    /** Returns how many are not late. */
    int onTime() {
        return size - late;
    }

    /** Returns the piece of the {@code i}th oldest. */
    int piece(int i) {
        return pieces[index(i)];
    }

    /** Returns the offset in its piece of the {@code i}th oldest. */
    int begin(int i) {
        return begins[index(i)];
    }

    /** Returns when the {@code i}th oldest was sent; when it became late, if it is late. */
    long time(int i) {
        return times[index(i)];
    }

    /** Returns how many requests that were sent after the {@code i}th oldest have been answered. */
    int overtaken(int i) {
        return overtaken[index(i)];
    }

    void add(int piece, int begin, long now) {
        if (size == pieces.length) {
            grow();
        }
        int at = index(size++);
        pieces[at] = piece;
        begins[at] = begin;
        times[at] = now;
        overtaken[at] = 0;
    }

    /** Returns the position of the oldest request for this block, from 0 for the oldest of all; -1 if there is none. */
    int find(int piece, int begin) {
        for (int i = 0; i < size; i++) {
            int at = index(i);
            if (pieces[at] == piece && begins[at] == begin) {
                return i;
            }
        }
        return -1;
    }

    /** Removes the {@code i}th oldest, which was answered: all older ones are overtaken. */
    void answered(int i) {
        for (int older = 0; older < i; older++) {
            overtaken[index(older)]++;
        }
        remove(i);
    }

    /** Removes the {@code i}th oldest. */
    void remove(int i) {
        if (i < late) {
            late--;
        }
        for (int at = i; at > 0; at--) {
            int to = index(at);
            int from = index(at - 1);
            pieces[to] = pieces[from];
            begins[to] = begins[from];
            times[to] = times[from];
            overtaken[to] = overtaken[from];
        }
        first = index(1);
        size--;
    }

    /** The oldest request that is on time becomes late. */
    void makeLate(long now) {
        times[index(late)] = now;
        late++;
    }

    void clear() {
        size = 0;
        late = 0;
    }

    private int index(int i) {
        return first + i & pieces.length - 1; // the length is a power of two
    }

    private void grow() {
        int[] grownPieces = Arrays.copyOf(pieces, 2 * size);
        int[] grownBegins = Arrays.copyOf(begins, 2 * size);
        long[] grownTimes = Arrays.copyOf(times, 2 * size);
        int[] grownOvertaken = Arrays.copyOf(overtaken, 2 * size);
        for (int i = 0; i < size; i++) {
            int at = index(i);
            grownPieces[i] = pieces[at];
            grownBegins[i] = begins[at];
            grownTimes[i] = times[at];
            grownOvertaken[i] = overtaken[at];
        }
        pieces = grownPieces;
        begins = grownBegins;
        times = grownTimes;
        overtaken = grownOvertaken;
        first = 0;
    }
}
