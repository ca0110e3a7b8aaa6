package io.shoal.engine.picking;

import java.util.Arrays;
import java.util.BitSet;
import org.jspecify.annotations.Nullable;

/**
 * The pieces that one connected peer has, and how many requests to it are outstanding. Only {@link PiecePicker} creates
 * and changes it; the session keeps it with the connection and passes it as the peer's identity.
 */
public final class PeerPieces {
    private final int pieces;

    /** One bit a piece; null for a peer that joined as a seed, which then costs no memory. */
    private final long @Nullable [] words;

    private int count;

    private final Relation relation;

    /** Whether it has delivered a block yet: before that its speed is unknown. */
    boolean hasDelivered;

    /** Pieces that it has and that are missing here. */
    int usefulCount;

    /** Outstanding requests to it, without late ones. */
    int requested;

    /** Late requests to it. */
    int late;

    PeerPieces(int pieces, BitSet has, Relation relation) {
        this.pieces = pieces;
        this.relation = relation;
        this.count = has.cardinality();
        this.words = count == pieces ? null : Arrays.copyOf(has.toLongArray(), (pieces + 63) >> 6);
    }

    /** A peer's relation to this torrent. */
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

    /** Whether it is a torrent of this deployment: its pieces need not be downloaded from outsiders. */
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

    /** Whether it has a piece that is missing here: then we are interested. */
    public boolean isInteresting() {
        return usefulCount > 0;
    }

    /** Outstanding requests to it, without late ones. */
    public int requested() {
        return requested;
    }

    /** Whether it was a seed when it joined: counted as one for as long as it is connected. */
    boolean joinedAsSeed() {
        return words == null;
    }

    /** Returns which of the pieces {@code 64 * word} to {@code 64 * word + 63} it has, the lowest in the lowest bit. */
    long word(int word) {
        return words == null ? -1L : words[word];
    }

    /** Returns how many it has of the pieces whose bits are set, in the layout of {@link #word}. */
    int countIn(long[] some) {
        int sum = 0;
        for (int word = 0; word < some.length; word++) {
            sum += Long.bitCount(some[word] & word(word));
        }
        return sum;
    }

    /** Returns those of {@code some} that it does not have; a repeated announcement is compared 64 pieces at a time. */
    BitSet notYet(BitSet some) {
        if (words == null) {
            return new BitSet();
        }
        BitSet added = (BitSet) some.clone();
        added.andNot(BitSet.valueOf(words));
        return added;
    }

    /** @return whether it did not have the piece before */
    boolean add(int piece) {
        if (words == null || has(piece)) {
            return false;
        }
        words[piece >> 6] |= 1L << piece;
        count++;
        return true;
    }
}
