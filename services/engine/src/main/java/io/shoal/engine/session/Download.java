package io.shoal.engine.session;

import io.netty.buffer.ByteBuf;
import io.shoal.bittorrent.geometry.Geometry;
import io.shoal.bittorrent.metainfo.Pieces;
import io.shoal.engine.PieceWish;
import io.shoal.engine.limits.EngineLimits;
import io.shoal.engine.picking.BlockList;
import io.shoal.engine.picking.Claims;
import io.shoal.engine.picking.PeerPieces;
import io.shoal.engine.picking.PiecePicker;
import io.shoal.engine.picking.PiecePicker.Receipt;
import io.shoal.engine.picking.StorageRoom;
import io.shoal.engine.store.Store;
import io.shoal.engine.verifying.SmartBan;
import io.shoal.engine.verifying.Verifier;
import java.net.InetAddress;
import java.time.Duration;
import java.util.BitSet;
import java.util.IdentityHashMap;
import java.util.Set;
import java.util.random.RandomGenerator;

/**
 * Downloads the pieces of a torrent: requests the blocks that the picker chooses, passes received blocks to the
 * verifier, and notifies the session of the results.
 */
final class Download implements Verifier.Listener {
    /** A peer that delivers a piece within this many seconds gets pieces of its own. */
    private static final int FAST_SECONDS = 20;

    /** A piece that failed is taken from a peer that is so many times slower than others. */
    private static final int SLOW_OWNER = 4;

    /** How long the announcement of a piece may wait for others. */
    private static final Duration ANNOUNCEMENT_DELAY = Duration.ofMillis(100);

    private final TorrentSession session;
    private final Pieces pieces;
    private final SmartBan ban = new SmartBan();
    private final Verifier verifier;
    private final PiecePicker picker;
    private final BlockList picked = new BlockList(EngineLimits.REQUESTS_OPEN);
    private final IdentityHashMap<PeerPieces, ConnectedPeer> peers = new IdentityHashMap<>();

    private final PieceInventory inventory;
    private PieceWish wish;
    private long wasted;
    private int hashFailures;
    private boolean requesting;
    private boolean requestsScheduled;

    /** Verified pieces for which HAVE has not been sent. */
    private final BitSet unannounced = new BitSet();

    private boolean announcementScheduled;
    private boolean finishedNotified;

    /** @param claims shared by the torrent and its siblings */
    Download(
            TorrentSession session,
            Geometry geometry,
            Store store,
            PieceWish wish,
            Claims claims,
            RandomGenerator random) {
        this.session = session;
        this.wish = wish;
        this.pieces = geometry.pieces();
        this.inventory = new PieceInventory(pieces, store.held());
        EngineContext engine = session.engine();
        this.verifier = new Verifier(
                session.info(), store, session.guardedLoop(), engine.workers(), engine.backlog(), ban, this);
        this.picker = new PiecePicker(
                geometry,
                inventory.verified(),
                wish::of,
                new StorageRoom() {
                    @Override
                    public boolean open(int piece) {
                        return !verifier.isDropping(piece) && store.open(piece);
                    }

                    @Override
                    public boolean hasRoom(int piece) {
                        return !verifier.isDropping(piece) && store.hasRoom(piece);
                    }
                },
                claims,
                random);
    }

    // ---- State

    BitSet served() {
        return inventory.served();
    }

    long left() {
        return inventory.left();
    }

    long wanted() {
        return picker.missingBytes();
    }

    boolean isDone() {
        return picker.missing() == 0;
    }

    long wasted() {
        return wasted;
    }

    int hashFailures() {
        return hashFailures;
    }

    int open() {
        return picker.openCount();
    }

    int availability() {
        return picker.availability();
    }

    boolean isBanned(InetAddress address) {
        return ban.isBanned(address);
    }

    // ---- What is wanted

    /** Starts or stops requesting blocks. */
    void setRequesting(boolean on) {
        requesting = on;
        if (on) {
            notifyIfFinished();
        } else {
            for (ConnectedPeer peer : session.connectedPeers()) {
                if (peer.pieces != null) {
                    picker.releaseAll(peer.pieces);
                }
                peer.connection.cancelAll();
            }
        }
        requestFromAll();
    }

    void want(PieceWish wanted) {
        wish = wanted;
        dropUnwanted(wanted);
        finishedNotified &= isDone();
        notifyIfFinished();
        requestFromAll();
    }

    /** Releases the store's room for open pieces, so that a paused torrent does not keep it from others. */
    void dropOpenPieces() {
        dropUnwanted(piece -> 0);
        picker.prioritize(wish::of, this::cancel);
    }

    private void dropUnwanted(PieceWish wanted) {
        releaseRoom(picker.prioritize(wanted::of, this::cancel));
    }

    /** The store needs the room of these open pieces. They are still wanted, and are opened again in their turn. */
    void roomNeeded(BitSet needed) {
        releaseRoom(picker.dropIncomplete(needed, this::cancel));
        requestFromAllSoon();
    }

    private void releaseRoom(BitSet dropped) {
        for (int piece = dropped.nextSetBit(0); piece >= 0; piece = dropped.nextSetBit(piece + 1)) {
            verifier.drop(piece);
        }
    }

    /** The store may have room where it had none. */
    void roomChanged() {
        picker.roomChanged();
        requestFromAllSoon();
    }

    /** Pieces that were held are lost. */
    void lost(BitSet lost) {
        inventory.remove(lost);
        picker.lost(lost);
        finishedNotified &= isDone();
    }

    // ---- Messages of peers

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

    /** The peer will not send the requested blocks. */
    void releaseRequests(ConnectedPeer peer) {
        if (peer.pieces != null) {
            picker.releaseAll(peer.pieces);
            requestFromAllSoon();
        }
    }

    /** The peer has not sent this block in time: others are asked for it first. */
    void requestLate(ConnectedPeer peer, int piece, int block) {
        if (peer.pieces != null) {
            picker.late(peer.pieces, piece, block);
            requestFromAllSoon();
        }
    }

    /** The late block may be requested from the peer again. */
    void requestDropped(ConnectedPeer peer, int piece, int block) {
        if (peer.pieces != null) {
            picker.release(peer.pieces, piece, block);
            requestFromAllSoon();
        }
    }

    void left(ConnectedPeer peer) {
        PeerPieces gone = peer.pieces;
        if (gone != null) {
            verifier.flush(); // the peer may have closed in the middle of a read: blocks received before are kept
            picker.left(gone);
            peers.remove(gone);
            peer.pieces = null;
            requestFromAllSoon();
        }
    }

    void block(ConnectedPeer peer, int piece, int block, ByteBuf data) {
        PeerPieces from = peer.pieces;
        Receipt receipt = from == null ? Receipt.UNWANTED : picker.received(from, piece, block, this::cancel);
        if (receipt == Receipt.UNWANTED) {
            wasted += data.readableBytes();
            data.release();
        } else {
            verifier.add(piece, block, data, peer.address());
        }
    }

    void readComplete(ConnectedPeer peer) {
        verifier.flush();
        requestFrom(peer);
    }

    // ---- Requesting

    /** Must be called about once a second: claims of siblings expire, and owners of failed pieces may be slow. */
    void tick() {
        if (session.context().mayReceive()) {
            picker.reviewOwners(this::isTooSlow);
        }
        if (requesting && session.presence().siblings() > 0) {
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
        boolean fast = peer.connection.canDeliver(pieces.pieceLength(), FAST_SECONDS);
        int count = picker.pick(from, wanted, fast, picked);
        sendRequests(peer, count);
        int taken = count < wanted ? picker.takeOver(from, wanted - count, picked, this::cancel) : 0;
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
    private void requestFromAllSoon() {
        if (!requestsScheduled) {
            requestsScheduled = true;
            session.guardedLoop().execute(() -> {
                requestsScheduled = false;
                requestFromAll();
            });
        }
    }

    private void requestFromAll() {
        for (ConnectedPeer peer : session.connectedPeers()) {
            updateInterest(peer);
            requestFrom(peer);
            peer.connection.flush();
        }
    }

    private void updateInterest(ConnectedPeer peer) {
        peer.connection.setInterested(requesting && peer.pieces != null && peer.pieces.isInteresting());
    }

    private void cancel(PeerPieces from, int piece, int block) {
        ConnectedPeer peer = peers.get(from);
        if (peer != null) {
            peer.connection.cancel(piece, block);
            peer.connection.flush();
        }
    }

    // ---- Results of pieces

    @Override
    public void pieceVerified(int piece, boolean serves, Set<InetAddress> liars) {
        picker.verified(piece);
        inventory.add(piece, serves);
        unannounced.set(piece);
        if (!announcementScheduled) {
            announcementScheduled = true;
            session.guardedLoop().schedule(ANNOUNCEMENT_DELAY, this::announcePieces);
        }
        ban(liars, piece);
        session.verified(piece);
        notifyIfFinished();
    }

    /** Sends HAVE for the new pieces: with many peers a write for each piece would cost more than the piece. */
    private void announcePieces() {
        announcementScheduled = false;
        unannounced.and(inventory.served());
        for (ConnectedPeer peer : session.connectedPeers()) {
            for (int piece = unannounced.nextSetBit(0); piece >= 0; piece = unannounced.nextSetBit(piece + 1)) {
                if (peer.pieces == null || !peer.pieces.has(piece)) {
                    peer.connection.sendHave(piece);
                }
            }
            updateInterest(peer);
            peer.connection.flush();
        }
        unannounced.clear();
    }

    @Override
    public void pieceFailed(int piece, Set<InetAddress> liars) {
        hashFailures++;
        wasted += pieces.length(piece);
        picker.failed(piece);
        ban(liars, piece);
        requestFromAllSoon();
    }

    @Override
    public void storeFailed(int piece, Throwable cause) {
        picker.drop(piece, this::cancel);
        session.storeFailed(cause);
    }

    @Override
    public void pieceDropped(int piece) {
        roomChanged();
    }

    private void ban(Set<InetAddress> liars, int piece) {
        for (InetAddress liar : liars) {
            session.banned(liar, piece);
        }
    }

    private void notifyIfFinished() {
        if (isDone() && !finishedNotified) {
            finishedNotified = true;
            session.finished();
        }
    }

    /** Drops open pieces; {@code then} runs when the store is not used any more. */
    void close(Runnable then) {
        verifier.close(then);
    }
}
