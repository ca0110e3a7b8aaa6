package io.shoal.engine.session;

import io.netty.buffer.ByteBuf;
import io.shoal.bittorrent.geometry.Geometry;
import io.shoal.bittorrent.metainfo.Pieces;
import io.shoal.engine.PieceWish;
import io.shoal.engine.TorrentSpec;
import io.shoal.engine.picking.CancelListener;
import io.shoal.engine.picking.Claims;
import io.shoal.engine.picking.PeerPieces;
import io.shoal.engine.picking.PiecePicker;
import io.shoal.engine.picking.PiecePicker.Receipt;
import io.shoal.engine.picking.StorageRoom;
import io.shoal.engine.store.Store;
import io.shoal.engine.verifying.Sender;
import io.shoal.engine.verifying.SmartBan;
import io.shoal.engine.verifying.Verifier;
import java.util.BitSet;
import java.util.List;
import java.util.Set;
import java.util.function.IntSupplier;
import java.util.random.RandomGenerator;

/**
 * Downloads the pieces of a torrent: passes received blocks to the verifier, keeps what is verified, and notifies its
 * listener of the results. {@link BlockRequests} requests the blocks, {@link HaveMessages} tells peers of new pieces.
 */
final class Download implements PieceExchange, Verifier.Listener {
    private final Pieces pieces;
    private final SmartBan ban = new SmartBan();
    private final Verifier verifier;
    private final PiecePicker picker;
    private final PieceInventory inventory;
    private final BlockRequests requests;
    private final CancelListener cancel;
    private final HaveMessages haveMessages;
    private final Listener listener;
    private PieceWish wish;
    private long wasted;
    private int hashFailures;
    private boolean finishedNotified;

    /** Is notified of results, on the loop. */
    interface Listener {
        void verified(int piece);

        /** No wanted piece is missing. */
        void finished();

        /** {@code liar} sent wrong blocks of {@code piece}. */
        void banned(Sender liar, int piece);

        /** The store did not keep a block. */
        void storeFailed(Throwable cause);
    }

    /**
     * @param claims shared by the torrent and its siblings
     * @param siblings returns how many are connected
     */
    Download(
            EngineContext engine,
            GuardedLoop loop,
            TorrentSpec spec,
            Geometry geometry,
            Store store,
            PeerSet peers,
            Claims claims,
            IntSupplier siblings,
            RandomGenerator random,
            Listener listener) {
        this.wish = spec.wish();
        this.wasted = spec.resumed().wasted();
        this.pieces = geometry.pieces();
        this.listener = listener;
        this.inventory = new PieceInventory(pieces, store.held());
        this.verifier = new Verifier(spec.info(), store, loop, engine.workers(), engine.backlog(), ban, this);
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
        this.requests =
                new BlockRequests(loop, picker, pieces.pieceLength(), peers, siblings, engine.backlog()::isOpen);
        this.cancel = requests::cancel;
        this.haveMessages = new HaveMessages(loop, inventory, peers, requests::updateInterest);
    }

    // ---- State

    int pieceCount() {
        return pieces.count();
    }

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

    /** Returns the copies of the rarest piece of each bucket among outsiders. */
    List<Integer> availability(int buckets) {
        return picker.availability(buckets);
    }

    boolean isBanned(Sender sender) {
        return ban.isBanned(sender);
    }

    // ---- What is wanted

    /** Starts or stops requesting blocks. */
    void setRequesting(boolean on) {
        if (on) {
            notifyIfFinished();
            requests.start();
        } else {
            requests.stop();
        }
    }

    void want(PieceWish wanted) {
        wish = wanted;
        dropUnwanted(wanted);
        finishedNotified &= isDone();
        notifyIfFinished();
        requests.requestFromAll();
    }

    /** Releases the store's room for open pieces, so that a paused torrent does not keep it from others. */
    void dropOpenPieces() {
        dropUnwanted(piece -> 0);
        picker.prioritize(wish::of, cancel);
    }

    private void dropUnwanted(PieceWish wanted) {
        releaseRoom(picker.prioritize(wanted::of, cancel));
    }

    /** The store needs the room of these open pieces. They are still wanted, and are opened again in their turn. */
    void roomNeeded(BitSet needed) {
        releaseRoom(picker.dropIncomplete(needed, cancel));
        requests.requestFromAllSoon();
    }

    private void releaseRoom(BitSet dropped) {
        for (int piece = dropped.nextSetBit(0); piece >= 0; piece = dropped.nextSetBit(piece + 1)) {
            verifier.drop(piece);
        }
    }

    /** The store may have room where it had none. */
    void roomChanged() {
        picker.roomChanged();
        requests.requestFromAllSoon();
    }

    /** Pieces that were held are lost. */
    void lost(BitSet lost) {
        inventory.remove(lost);
        picker.lost(lost);
        finishedNotified &= isDone();
    }

    /** Must be called about once a second. */
    void tick() {
        requests.tick();
    }

    // ---- Messages of peers

    @Override
    public void has(ConnectedPeer peer, BitSet has) {
        requests.has(peer, has);
    }

    @Override
    public void has(ConnectedPeer peer, int piece) {
        requests.has(peer, piece);
    }

    @Override
    public void requestsVoided(ConnectedPeer peer) {
        requests.release(peer);
    }

    @Override
    public void requestsAccepted(ConnectedPeer peer) {
        requests.requestFrom(peer);
    }

    @Override
    public void requestLate(ConnectedPeer peer, int piece, int block) {
        requests.late(peer, piece, block);
    }

    @Override
    public void requestDropped(ConnectedPeer peer, int piece, int block) {
        requests.release(peer, piece, block);
    }

    @Override
    public void block(BlockSource source, int piece, int block, ByteBuf data) {
        PeerPieces from = source.pieces();
        Receipt receipt = from == null ? Receipt.UNWANTED : picker.received(from, piece, block, cancel);
        if (receipt == Receipt.UNWANTED) {
            wasted += data.readableBytes();
            data.release();
        } else {
            verifier.add(piece, block, data, source.sender());
        }
    }

    @Override
    public void readComplete(BlockSource from) {
        verifier.flush();
        requests.requestFrom(from);
    }

    /** A web seed is used from now on. */
    void joined(ConnectedWebSeed webSeed) {
        requests.joined(webSeed);
    }

    /** A web seed may be asked for more. */
    void ready(BlockSource webSeed) {
        requests.requestFrom(webSeed);
        webSeed.flush();
    }

    /** The web seed is not used any more, and sends nothing that was requested. */
    void left(ConnectedWebSeed webSeed) {
        verifier.flush();
        requests.left(webSeed);
    }

    void left(ConnectedPeer peer) {
        if (peer.pieces != null) {
            verifier.flush(); // the peer may have closed in the middle of a read: blocks received before are kept
            requests.left(peer);
        }
    }

    // ---- Results of pieces

    @Override
    public void pieceVerified(int piece, boolean serves, Set<Sender> liars) {
        picker.verified(piece);
        inventory.add(piece, serves);
        haveMessages.add(piece);
        ban(liars, piece);
        listener.verified(piece);
        notifyIfFinished();
    }

    @Override
    public void pieceFailed(int piece, Set<Sender> liars) {
        hashFailures++;
        wasted += pieces.length(piece);
        picker.failed(piece);
        ban(liars, piece);
        requests.requestFromAllSoon();
    }

    @Override
    public void storeFailed(int piece, Throwable cause) {
        picker.drop(piece, cancel);
        listener.storeFailed(cause);
    }

    @Override
    public void pieceDropped(int piece) {
        roomChanged();
    }

    private void ban(Set<Sender> liars, int piece) {
        for (Sender liar : liars) {
            listener.banned(liar, piece);
        }
    }

    private void notifyIfFinished() {
        if (isDone() && !finishedNotified) {
            finishedNotified = true;
            listener.finished();
        }
    }

    /** Drops open pieces; {@code then} runs when the store is not used any more. */
    void close(Runnable then) {
        requests.end();
        dropUnwanted(piece -> 0); // also those of which no block has been received
        verifier.close(then);
    }
}
