package io.shoal.engine.picking;

import io.shoal.bittorrent.metainfo.Pieces;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.function.IntUnaryOperator;

/**
 * Which pieces are needed, those that are wanted and not held, and to which peers that gives a use: what the picker is still
 * to get.
 *
 * <p>Invariant: {@link #missing} and {@link #missingBytes} count just the needed pieces, and {@link PeerPieces#useful} those of
 * them that the peer has, for each that is here.
 */
final class WantedPieces {
    private final Pieces pieces;
    private final BitSet held;
    private final BitSet needed = new BitSet();
    private final byte[] priority;
    private final List<PeerPieces> peers = new ArrayList<>();
    private int heldCount;
    private int missing;
    private long missingBytes;

    /** Nothing is wanted yet. */
    WantedPieces(Pieces pieces, BitSet held) {
        this.pieces = pieces;
        this.held = (BitSet) held.clone();
        heldCount = held.cardinality();
        priority = new byte[pieces.count()];
    }

    boolean isNeeded(int piece) {
        return needed.get(piece);
    }

    /** How much {@code piece} is wanted, held or not; 0: not at all. */
    int priority(int piece) {
        return priority[piece];
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

    /** @return the pieces that are wanted more, or less, than before */
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
                settle(piece);
            }
        }
        if (!changed.isEmpty()) {
            long[] words = needed.toLongArray();
            for (PeerPieces peer : peers) {
                peer.useful = peer.countIn(words);
            }
        }
        return changed;
    }

    /** {@code piece}, which was not, is held. */
    void hold(int piece) {
        held.set(piece);
        heldCount++;
        tellPeers(piece, settle(piece));
    }

    /** @return whether {@code piece} was held; it is not any more */
    boolean lose(int piece) {
        if (!held.get(piece)) {
            return false;
        }
        held.clear(piece);
        heldCount--;
        tellPeers(piece, settle(piece));
        return true;
    }

    void joined(PeerPieces peer) {
        peers.add(peer);
        peer.useful = peer.countIn(needed.toLongArray());
    }

    void left(PeerPieces peer) {
        peers.remove(peer);
    }

    /** A peer that is here has {@code piece} now. */
    void has(PeerPieces peer, int piece) {
        if (isNeeded(piece)) {
            peer.useful++;
        }
    }

    /** @return how many pieces more are needed: 1, 0 or -1 */
    private int settle(int piece) {
        boolean now = priority[piece] > 0 && !held.get(piece);
        if (now == needed.get(piece)) {
            return 0;
        }
        int change = now ? 1 : -1;
        needed.set(piece, now);
        missing += change;
        missingBytes += (long) change * pieces.length(piece);
        return change;
    }

    private void tellPeers(int piece, int change) {
        for (int i = 0; change != 0 && i < peers.size(); i++) {
            PeerPieces peer = peers.get(i);
            if (peer.has(piece)) {
                peer.useful += change;
            }
        }
    }
}
