package io.shoal.engine.peers;

import java.util.Arrays;

/**
 * The outstanding requests to a peer, oldest first. Peers answer in order, so a received block nearly always matches
 * the first.
 */
final class RequestRing {
    private int[] pieces = new int[16];
    private int[] begins = new int[16];
    private int first;
    private int size;

    int size() {
        return size;
    }

    /** Returns the piece of the oldest; there must be one. */
    int oldestPiece() {
        return pieces[first];
    }

    /** Returns the offset in its piece of the oldest. */
    int oldestBegin() {
        return begins[first];
    }

    void add(int piece, int begin) {
        if (size == pieces.length) {
            grow();
        }
        int at = index(size++);
        pieces[at] = piece;
        begins[at] = begin;
    }

    /** @return whether the request was outstanding; it is not any more */
    boolean remove(int piece, int begin) {
        for (int i = 0; i < size; i++) {
            int at = index(i);
            if (pieces[at] == piece && begins[at] == begin) {
                closeGap(i);
                return true;
            }
        }
        return false;
    }

    void clear() {
        size = 0;
    }

    private void closeGap(int gap) {
        for (int i = gap; i > 0; i--) {
            pieces[index(i)] = pieces[index(i - 1)];
            begins[index(i)] = begins[index(i - 1)];
        }
        first = index(1);
        size--;
    }

    private int index(int i) {
        return first + i & pieces.length - 1; // the length is a power of two
    }

    private void grow() {
        int[] grownPieces = Arrays.copyOf(pieces, 2 * size);
        int[] grownBegins = Arrays.copyOf(begins, 2 * size);
        for (int i = 0; i < size; i++) {
            grownPieces[i] = pieces[index(i)];
            grownBegins[i] = begins[index(i)];
        }
        pieces = grownPieces;
        begins = grownBegins;
        first = 0;
    }
}
