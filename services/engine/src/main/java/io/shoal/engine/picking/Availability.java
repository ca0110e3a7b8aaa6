package io.shoal.engine.picking;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * How many of the connected have each piece. Those that came as seeds have all of them and are counted apart, so that their
 * coming and going costs nothing.
 *
 * <p>Peers of this deployment count where pieces are chosen, and not in {@link #thousandths}, which a tenant sees.
 */
final class Availability {
    private final int[] copies;

    /** The copies that outsiders have; null as long as there are no other peers, and {@code copies} says it. */
    private int @Nullable [] outside;

    /** How many pieces have so many copies outside: {@code outside} turned round. */
    private int[] piecesWith = new int[16];

    private int seeds;
    private int outsideSeeds;

    Availability(int pieces) {
        copies = new int[pieces];
        piecesWith[0] = pieces;
    }

    /** Peers with {@code piece}, other than seeds. */
    int of(int piece) {
        return copies[piece];
    }

    /** Whether anybody has {@code piece}. */
    boolean isAvailable(int piece) {
        return seeds > 0 || copies[piece] > 0;
    }

    int seeds() {
        return seeds;
    }

    /** {@code peer}, which came as a seed, has come ({@code change} is 1) or gone (-1). */
    void addSeed(PeerPieces peer, int change) {
        seeds += change;
        outsideSeeds += peer.isFleet() ? 0 : change;
    }

    /** {@code peer} has {@code piece} now. */
    void add(PeerPieces peer, int piece) {
        change(peer, piece, 1);
    }

    /** {@code peer}, which had {@code piece}, is gone. */
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

    /** Copies of the rarest piece outside, in thousandths: the fraction is that of the pieces which have one more. */
    int thousandths() {
        int rarest = 0;
        while (piecesWith[rarest] == 0) {
            rarest++;
        }
        return 1000 * (outsideSeeds + rarest) + (int) (1000L * (copies.length - piecesWith[rarest]) / copies.length);
    }
}
