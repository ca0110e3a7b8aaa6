package io.shoal.engine.picking;

import io.shoal.bittorrent.metainfo.Pieces;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.function.IntUnaryOperator;

/**
 * The pieces that are missing (wanted and not held), and how many of them each peer has.
 *
 * <p>Invariant: {@link #missing} and {@link #missingBytes} count exactly the missing pieces, and
 * {@link PeerPieces#usefulCount} those of them that the peer has, for each connected peer.
 */
final class WantedPieces {
    private final Pieces pieces;
    private final BitSet held;
    private final BitSet missingPieces = new BitSet();
    private final byte[] priority;
    private final List<PeerPieces> peers = new ArrayList<>();
    private int heldCount;
    private int missing;
    private long missingBytes;

    /** Creates it with no piece wanted. */
    WantedPieces(Pieces pieces, BitSet held) {
        this.pieces = pieces;
        this.held = (BitSet) held.clone();
        heldCount = held.cardinality();
        priority = new byte[pieces.count()];
    }

    boolean isMissing(int piece) {
        return missingPieces.get(piece);
    }

    /** Returns the priority of {@code piece}, held or not; 0 if it is not wanted. */
    int priority(int piece) {
        return priority[piece];
    }

    /** Returns the first missing piece from {@code piece} on; -1 if there is none. */
    int nextMissing(int piece) {
        return missingPieces.nextSetBit(piece);
    }

    int heldCount() {
        return heldCount;
    }

    int missing() {
        return missing;
    }

    long missingBytes() {
        return missingBytes;
    }

    /** @return the pieces whose priority has changed */
    BitSet want(IntUnaryOperator wish) {
        BitSet changed = new BitSet();
        for (int piece = 0; piece < priority.length; piece++) {
            int wanted = wish.applyAsInt(piece);
            if (wanted != priority[piece]) {
                if (wanted < 0 || wanted > PiecePicker.PRIORITY_MAX) {
                    throw new IllegalArgumentException("priority " + wanted + " of piece " + piece);
                }
                priority[piece] = (byte) wanted;
                changed.set(piece);
                update(piece);
            }
        }
        if (!changed.isEmpty()) {
            long[] words = missingPieces.toLongArray();
            for (PeerPieces peer : peers) {
                peer.usefulCount = peer.countIn(words);
            }
        }
        return changed;
    }

    /** {@code piece}, which was not held, is held now. */
    void markHeld(int piece) {
        held.set(piece);
        heldCount++;
        updatePeers(piece, update(piece));
    }

    /** @return whether {@code piece} was held; it is not any more */
    boolean markLost(int piece) {
        if (!held.get(piece)) {
            return false;
        }
        held.clear(piece);
        heldCount--;
        updatePeers(piece, update(piece));
        return true;
    }

    void joined(PeerPieces peer) {
        peers.add(peer);
        peer.usefulCount = peer.countIn(missingPieces.toLongArray());
    }

    void left(PeerPieces peer) {
        peers.remove(peer);
    }

    /** A connected peer has {@code piece} now. */
    void has(PeerPieces peer, int piece) {
        if (isMissing(piece)) {
            peer.usefulCount++;
        }
    }

    /** @return the change of the number of missing pieces: 1, 0 or -1 */
    private int update(int piece) {
        boolean now = priority[piece] > 0 && !held.get(piece);
        if (now == missingPieces.get(piece)) {
            return 0;
        }
        int change = now ? 1 : -1;
        missingPieces.set(piece, now);
        missing += change;
        missingBytes += (long) change * pieces.length(piece);
        return change;
    }

    private void updatePeers(int piece, int change) {
        for (int i = 0; change != 0 && i < peers.size(); i++) {
            PeerPieces peer = peers.get(i);
            if (peer.has(piece)) {
                peer.usefulCount += change;
            }
        }
    }
}
