package io.shoal.engine.picking;

import java.util.Arrays;

/**
 * How many of the connected have each piece. Those that came as seeds have all of them and are counted apart, so that their
 * coming and going costs nothing.
 */
final class Availability {
    private final int[] copies;

    /** How many pieces have so many copies: {@code copies} turned round. */
    private int[] piecesWith = new int[16];

    private int seeds;

    Availability(int pieces) {
        copies = new int[pieces];
        piecesWith[0] = pieces;
    }

    /** Peers with {@code piece}, other than seeds. */
    int of(int piece) {
        return copies[piece];
    }

    /** Whether anybody has {@code piece}. */
    boolean any(int piece) {
        return seeds > 0 || copies[piece] > 0;
    }

    int seeds() {
        return seeds;
    }

    void addSeed() {
        seeds++;
    }

    void removeSeed() {
        seeds--;
    }

    void add(int piece) {
        piecesWith[copies[piece]]--;
        int now = ++copies[piece];
        if (now == piecesWith.length) {
            piecesWith = Arrays.copyOf(piecesWith, 2 * now);
        }
        piecesWith[now]++;
    }

    void remove(int piece) {
        piecesWith[copies[piece]]--;
        piecesWith[--copies[piece]]++;
    }

    /** Copies of the rarest piece, in thousandths: the fraction is that of the pieces which have one more. */
    int thousandths() {
        int rarest = 0;
        while (piecesWith[rarest] == 0) {
            rarest++;
        }
        return 1000 * (seeds + rarest) + (int) (1000L * (copies.length - piecesWith[rarest]) / copies.length);
    }
}
