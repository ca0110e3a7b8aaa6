package io.shoal.engine.picking;

import java.util.Arrays;
import java.util.BitSet;
import org.jspecify.annotations.Nullable;

/**
 * What one connected peer has, and how much is asked of it. Made and changed by {@link PiecePicker} alone; the session keeps
 * it beside the connection and hands it back as the peer's name.
 */
public final class PeerPieces {
    private final int pieces;

    /** One bit a piece; null for a peer that came as a seed, which then costs nothing. */
    private final long @Nullable [] words;

    private int count;

    private final Relation relation;

    /** Whether it has given anything yet: before that its speed is unknown. */
    boolean hasDelivered;

    /** Pieces that it has and we need. */
    int usefulCount;

    /** Requests to it that are not settled. */
    int requested;

    PeerPieces(int pieces, BitSet has, Relation relation) {
        this.pieces = pieces;
        this.relation = relation;
        this.count = has.cardinality();
        this.words = count == pieces ? null : Arrays.copyOf(has.toLongArray(), (pieces + 63) >> 6);
    }

    /** What a peer is to us. */
    public enum Relation {
        /** A torrent of this engine. */
        SIBLING,
        /** A torrent of another engine of the same deployment. */
        FLEET,
        OUTSIDER
    }

    /** Whether it is another torrent of this engine. */
    boolean isSibling() {
        return relation == Relation.SIBLING;
    }

    /** Whether it is a torrent of this deployment: what it has need not be fetched from peers outside. */
    boolean isFleet() {
        return relation != Relation.OUTSIDER;
    }

    /** Whether it has {@code piece}. */
    public boolean has(int piece) {
        return words == null || (words[piece >> 6] >>> piece & 1) != 0;
    }

    /** How many pieces it has. */
    public int count() {
        return count;
    }

    /** Whether it has every piece. */
    public boolean isSeed() {
        return count == pieces;
    }

    /** Whether it has a piece that we need: that is when we tell it {@code interested}. */
    public boolean isInteresting() {
        return usefulCount > 0;
    }

    /** Requests to it that are not settled yet. */
    public int requested() {
        return requested;
    }

    /** Whether it was a seed when it came: counted as one, for as long as it stays. */
    boolean joinedAsSeed() {
        return words == null;
    }

    /** Which of the pieces {@code 64 * word} to {@code 64 * word + 63} it has, the lowest in the lowest bit. */
    long word(int word) {
        return words == null ? -1L : words[word];
    }

    /** How many it has of the pieces whose bits are set, as those of {@link #word} are. */
    int countIn(long[] some) {
        int sum = 0;
        for (int word = 0; word < some.length; word++) {
            sum += Long.bitCount(some[word] & word(word));
        }
        return sum;
    }

    /** @return whether it did not have it before */
    boolean add(int piece) {
        if (words == null || has(piece)) {
            return false;
        }
        words[piece >> 6] |= 1L << piece;
        count++;
        return true;
    }
}
