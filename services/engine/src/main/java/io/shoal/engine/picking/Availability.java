package io.shoal.engine.picking;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * How many connected peers have each piece. Peers that joined as seeds have all of them and are counted separately, so
 * that their joining and leaving costs nothing.
 *
 * <p>Peers of this deployment count when pieces are chosen, but not in {@link #thousandths}, which tenants see.
 */
final class Availability {
    private final int[] copies;

    /** Copies that outsiders have; null as long as all peers are outsiders, and {@code copies} has the same values. */
    private int @Nullable [] outside;

    /** How many pieces have each number of copies among outsiders: the inverse of {@code outside}. */
    private int[] piecesWith = new int[16];

    private int seeds;
    private int outsideSeeds;

    Availability(int pieces) {
        copies = new int[pieces];
        piecesWith[0] = pieces;
    }

    /** Returns the number of peers with {@code piece}, other than seeds. */
    int of(int piece) {
        return copies[piece];
    }

    /** Whether any peer has {@code piece}. */
    boolean isAvailable(int piece) {
        return seeds > 0 || copies[piece] > 0;
    }

    int seeds() {
        return seeds;
    }

    /** Whether any peer of this deployment has or had a piece. */
    boolean hasFleet() {
        return outside != null;
    }

    /** Whether a peer of this deployment has {@code piece}. */
    boolean isInFleet(int piece) {
        int[] shown = outside;
        return seeds > outsideSeeds || shown != null && copies[piece] > shown[piece];
    }

    /** {@code peer}, which joined as a seed, has joined ({@code change} is 1) or left (-1). */
    void addSeed(PeerPieces peer, int change) {
        seeds += change;
        outsideSeeds += peer.isFleet() ? 0 : change;
    }

    /** {@code peer} has {@code piece} now. */
    void add(PeerPieces peer, int piece) {
        change(peer, piece, 1);
    }

    /** {@code peer}, which had {@code piece}, has left. */
    void remove(PeerPieces peer, int piece) {
        change(peer, piece, -1);
    }

    private void change(PeerPieces peer, int piece, int change) {
        if (peer.isFleet()) {
            if (outside == null) {
                outside = copies.clone();
            }
            copies[piece] += change;
            return;
        }
        int[] shown = outside;
        piecesWith[shown == null ? copies[piece] : shown[piece]]--;
        copies[piece] += change;
        if (shown != null) {
            shown[piece] += change;
        }
        int now = shown == null ? copies[piece] : shown[piece];
        if (now == piecesWith.length) {
            piecesWith = Arrays.copyOf(piecesWith, 2 * now);
        }
        piecesWith[now]++;
    }

    /** Returns the copies of the rarest of the pieces {@code from} to {@code to - 1} among outsiders. */
    int rarest(int from, int to) {
        int[] shown = outside == null ? copies : outside;
        int least = shown[from];
        for (int piece = from + 1; piece < to; piece++) {
            least = Math.min(least, shown[piece]);
        }
        return outsideSeeds + least;
    }

    /**
     * Returns the copies of the rarest piece among outsiders, in thousandths: the fraction is that of the pieces which
     * have one more.
     */
    int thousandths() {
        int rarest = 0;
        while (piecesWith[rarest] == 0) {
            rarest++;
        }
        return 1000 * (outsideSeeds + rarest) + (int) (1000L * (copies.length - piecesWith[rarest]) / copies.length);
    }
}
