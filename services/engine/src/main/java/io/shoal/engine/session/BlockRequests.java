package io.shoal.engine.session;

import io.shoal.engine.limits.EngineLimits;
import io.shoal.engine.picking.BlockList;
import io.shoal.engine.picking.CancelListener;
import io.shoal.engine.picking.PeerPieces;
import io.shoal.engine.picking.PiecePicker;
import java.util.BitSet;
import java.util.IdentityHashMap;
import java.util.function.BooleanSupplier;
import java.util.function.IntSupplier;

/**
 * Requests from each peer the blocks that the picker chooses for it, as many as its window allows, and tells peers
 * whether this torrent is interested in them.
 *
 * <p>Invariant: a peer is interesting iff blocks are requested at all and it has a wanted piece.
 */
final class BlockRequests {
    /** A peer that delivers a piece within this many seconds gets pieces of its own. */
    private static final int FAST_SECONDS = 20;

    /** A piece that failed is taken from a peer that is so many times slower than others. */
    private static final int SLOW_OWNER = 4;

    private final GuardedLoop loop;
    private final PiecePicker picker;
    private final int pieceLength;
    private final PeerSet connected;
    private final IntSupplier siblings;
    private final BooleanSupplier mayReceive;
    private final BlockList picked = new BlockList(EngineLimits.REQUESTS_OPEN);

    private final CancelListener cancel = this::cancel;

    /** The peers that have announced their pieces. */
    private final IdentityHashMap<PeerPieces, ConnectedPeer> peers = new IdentityHashMap<>();

    private boolean requesting;
    private boolean requestsScheduled;

    /**
     * @param siblings returns how many are connected: their claims expire
     * @param mayReceive whether payload may be received now
     */
    BlockRequests(
            GuardedLoop loop,
            PiecePicker picker,
            int pieceLength,
            PeerSet connected,
            IntSupplier siblings,
            BooleanSupplier mayReceive) {
        this.loop = loop;
        this.picker = picker;
        this.pieceLength = pieceLength;
        this.connected = connected;
        this.siblings = siblings;
        this.mayReceive = mayReceive;
    }

    // ---- What peers have

    void has(ConnectedPeer peer, BitSet has) {
        if (peer.pieces == null) {
            joined(peer, has);
        } else {
            picker.has(peer.pieces, has);
            updateInterest(peer);
        }
    }

    private void joined(ConnectedPeer peer, BitSet has) {
        PeerPieces joined = picker.joined(has, peer.relation);
        peer.pieces = joined;
        peers.put(joined, peer);
        updateInterest(peer);
    }

    void has(ConnectedPeer peer, int piece) {
        if (peer.pieces == null) {
            joined(peer, new BitSet());
        }
        if (peer.pieces != null) {
            picker.has(peer.pieces, piece);
            updateInterest(peer);
        }
    }

    void left(ConnectedPeer peer) {
        PeerPieces gone = peer.pieces;
        if (gone != null) {
            picker.left(gone);
            peers.remove(gone);
            peer.pieces = null;
            requestFromAllSoon();
        }
    }

    // ---- Requests that will not be answered, or late

    /** The peer will not send the requested blocks. */
    void release(ConnectedPeer peer) {
        if (peer.pieces != null) {
            picker.releaseAll(peer.pieces);
            requestFromAllSoon();
        }
    }

    /** The peer has not sent this block in time: others are asked for it first. */
    void late(ConnectedPeer peer, int piece, int block) {
        if (peer.pieces != null) {
            picker.late(peer.pieces, piece, block);
            requestFromAllSoon();
        }
    }

    /** The late block may be requested from the peer again. */
    void release(ConnectedPeer peer, int piece, int block) {
        if (peer.pieces != null) {
            picker.release(peer.pieces, piece, block);
            requestFromAllSoon();
        }
    }

    // ---- Requesting

    void start() {
        requesting = true;
        requestFromAll();
    }

    /** Cancels all requests. */
    void stop() {
        requesting = false;
        for (ConnectedPeer peer : connected) {
            if (peer.pieces != null) {
                picker.releaseAll(peer.pieces);
            }
            peer.connection.cancelAll();
        }
        requestFromAll();
    }

    /** Peers are closed: no more blocks are requested. */
    void end() {
        requesting = false;
    }

    /** Must be called about once a second: claims of siblings expire, and owners of failed pieces may be slow. */
    void tick() {
        if (mayReceive.getAsBoolean()) {
            picker.reviewOwners(this::isTooSlow);
        }
        if (requesting && siblings.getAsInt() > 0) {
            requestFromAll();
        }
    }

    /** Sends as many requests to {@code peer} as its window allows. */
    void requestFrom(ConnectedPeer peer) {
        int wanted = peer.connection.requestsToSend();
        PeerPieces from = peer.pieces;
        if (!requesting || wanted == 0 || from == null) {
            return;
        }
        boolean fast = peer.connection.canDeliver(pieceLength, FAST_SECONDS);
        int count = picker.pick(from, wanted, fast, picked);
        sendRequests(peer, count);
        int taken = count < wanted ? picker.takeOver(from, wanted - count, picked, cancel) : 0;
        sendRequests(peer, taken);
        if (taken > 0) {
            requestFromAllSoon(); // peers that were replaced have capacity again
        }
    }

    /** Whether {@code owner} delivers less than a quarter of what other peers with {@code piece} have delivered. */
    private boolean isTooSlow(PeerPieces owner, int piece) {
        ConnectedPeer slow = peers.get(owner);
        long[] others = peers.values().stream()
                .filter(peer -> peer != slow && peer.pieces != null && peer.pieces.has(piece))
                .map(peer -> peer.connection)
                .filter(peer ->
                        !peer.isChokingUs() && !peer.isSnubbed() && peer.down().best() > 0)
                .mapToLong(peer -> peer.down().best())
                .sorted()
                .toArray();
        if (slow == null || others.length == 0) {
            return false;
        }
        boolean isTooSlow = slow.connection.down().perSecond() * SLOW_OWNER < others[others.length / 2];
        if (isTooSlow) {
            requestFromAllSoon();
        }
        return isTooSlow;
    }

    private void sendRequests(ConnectedPeer peer, int count) {
        for (int i = 0; i < count; i++) {
            peer.connection.request(picked.piece(i), picked.block(i));
        }
    }

    /** Blocks have become free. Sends requests to all peers, once for any number of calls. */
    void requestFromAllSoon() {
        if (!requestsScheduled) {
            requestsScheduled = true;
            loop.execute(() -> {
                requestsScheduled = false;
                requestFromAll();
            });
        }
    }

    void requestFromAll() {
        for (ConnectedPeer peer : connected) {
            updateInterest(peer);
            requestFrom(peer);
            peer.connection.flush();
        }
    }

    void updateInterest(ConnectedPeer peer) {
        peer.connection.setInterested(requesting && peer.pieces != null && peer.pieces.isInteresting());
    }

    /** Cancels the request for a block that the picker expects from a peer no more. */
    void cancel(PeerPieces from, int piece, int block) {
        ConnectedPeer peer = peers.get(from);
        if (peer != null) {
            peer.connection.cancel(piece, block);
            peer.connection.flush();
        }
    }
}
