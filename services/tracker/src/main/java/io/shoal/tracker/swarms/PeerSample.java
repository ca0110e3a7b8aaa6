package io.shoal.tracker.swarms;

import java.util.random.RandomGenerator;

/**
 * A random choice of so many of some places in a row, each with the same chance: the row is turned by a random number and cut
 * into equal parts; from a random place in each part its share is taken. So there is no list and no place is chosen twice. Where
 * there are many to choose from, a share is some neighbours, which lie in one line of the cache.
 */
final class PeerSample {
    /** Slots of a cache line, for IPv4. */
    private static final int NEIGHBOURS = 4;

    private final int[] firsts = new int[Reply.PEERS];
    private int all;
    private int parts;
    private int share;
    private int largerShares;

    /**
     * Draws a new sample.
     *
     * @param all how many places there are
     * @param count how many of them are drawn, 1 to {@code all}
     */
    void draw(int all, int count, RandomGenerator random) {
        this.all = all;
        parts = all >= 2 * count ? (count + NEIGHBOURS - 1) / NEIGHBOURS : count;
        share = count / parts;
        largerShares = count - share * parts;
        int length = all / parts;
        int longerParts = all - length * parts;
        int begin = count < all ? random.nextInt(all) : 0;
        for (int part = 0; part < parts; part++) {
            int own = part < longerParts ? length + 1 : length;
            int spare = own - share(part);
            firsts[part] = begin + (spare > 0 ? random.nextInt(spare + 1) : 0);
            begin += own;
        }
    }

    int parts() {
        return parts;
    }

    /** How many are taken of a part: the first ones may give one more. */
    int share(int part) {
        return part < largerShares ? share + 1 : share;
    }

    /** The place that is taken as number {@code neighbour} of a part, from 0. */
    int place(int part, int neighbour) {
        int place = firsts[part] + neighbour;
        return place < all ? place : place - all;
    }
}
