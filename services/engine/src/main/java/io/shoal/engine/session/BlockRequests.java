package io.shoal.engine.session;

import io.shoal.engine.limits.EngineLimits;
import io.shoal.engine.picking.BlockList;
import io.shoal.engine.picking.CancelListener;
import io.shoal.engine.picking.PeerPieces;
import io.shoal.engine.picking.PiecePicker;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;
import java.util.function.IntSupplier;

/**
 * Requests from each peer and each web seed in use the blocks that the picker chooses for it, as many as its window
 * allows, and tells peers whether this torrent is interested in them.
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

    /** The peers that have announced their pieces, and the web seeds in use. */
    private final IdentityHashMap<PeerPieces, BlockSource> sources = new IdentityHashMap<>();

    /** The web seeds in use; replaced on every change. */
    private List<ConnectedWebSeed> webSeeds = List.of();

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
        sources.put(joined, peer);
        updateInterest(peer);
    }

    /** A web seed is used from now on. */
    void joined(ConnectedWebSeed webSeed) {
        PeerPieces joined = picker.joinedWebSeed();
        webSeed.pieces = joined;
        sources.put(joined, webSeed);
        List<ConnectedWebSeed> more = new ArrayList<>(webSeeds);
        more.add(webSeed);
        webSeeds = List.copyOf(more);
        requestFrom(webSeed);
        webSeed.flush();
    }

    /** The web seed is not used any more. */
    void left(ConnectedWebSeed webSeed) {
        PeerPieces gone = webSeed.pieces;
        if (gone != null) {
            picker.left(gone);
            sources.remove(gone);
            webSeed.pieces = null;
            webSeeds = webSeeds.stream().filter(each -> each != webSeed).toList();
            requestFromAllSoon();
        }
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
            sources.remove(gone);
            peer.pieces = null;
            requestFromAllSoon();
        }
    }

    // ---- Requests that will not be answered, or late

    /** The source will not send the requested blocks. */
    void release(BlockSource source) {
        PeerPieces pieces = source.pieces();
        if (pieces != null) {
            picker.releaseAll(pieces);
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
        for (ConnectedWebSeed webSeed : webSeeds) {
            release(webSeed);
            webSeed.cancelAll();
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

    /** Sends as many requests to {@code source} as its window allows. */
    void requestFrom(BlockSource source) {
        int wanted = source.requestsToSend();
        PeerPieces from = source.pieces();
        if (!requesting || wanted == 0 || from == null) {
            return;
        }
        boolean fast = source.canDeliver(pieceLength, FAST_SECONDS);
        int count = source.pick(picker, from, wanted, fast, picked);
        sendRequests(source, count);
        int taken = count < wanted ? picker.takeOver(from, wanted - count, picked, cancel) : 0;
        sendRequests(source, taken);
        if (taken > 0) {
            requestFromAllSoon(); // peers that were replaced have capacity again
        }
    }

    /** Whether {@code owner} delivers less than a quarter of what others with {@code piece} have delivered. */
    private boolean isTooSlow(PeerPieces owner, int piece) {
        BlockSource slow = sources.get(owner);
        long[] others = sources.entrySet().stream()
                .filter(each -> each.getValue() != slow && each.getKey().has(piece))
                .map(Map.Entry::getValue)
                .filter(source -> source.isDelivering() && source.bestRate() > 0)
                .mapToLong(BlockSource::bestRate)
                .sorted()
                .toArray();
        if (slow == null || others.length == 0) {
            return false;
        }
        boolean isTooSlow = slow.rate() * SLOW_OWNER < others[others.length / 2];
        if (isTooSlow) {
            requestFromAllSoon();
        }
        return isTooSlow;
    }

    private void sendRequests(BlockSource source, int count) {
        for (int i = 0; i < count; i++) {
            source.request(picked.piece(i), picked.block(i));
        }
    }

    /** Blocks have become free. Sends requests to all, once for any number of calls. */
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
        for (ConnectedWebSeed webSeed : webSeeds) {
            requestFrom(webSeed);
            webSeed.flush();
        }
    }

    void updateInterest(ConnectedPeer peer) {
        peer.connection.setInterested(requesting && peer.pieces != null && peer.pieces.isInteresting());
    }

    /** Cancels the request for a block that the picker does not expect any more. */
    void cancel(PeerPieces from, int piece, int block) {
        BlockSource source = sources.get(from);
        if (source != null) {
            source.cancel(piece, block);
            source.flush();
        }
    }
}
