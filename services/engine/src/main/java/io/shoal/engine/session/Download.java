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
import java.util.BitSet;
import java.util.IdentityHashMap;
import java.util.Set;
import java.util.random.RandomGenerator;

/**
 * How a torrent gets its pieces: asks peers for what the picker chooses, gives blocks to the verifier, and tells the session
 * what came of it.
 */
final class Download implements Verifier.Listener {
    /** A peer that gives a piece within so many seconds gets pieces of its own. */
    private static final int FAST_SECONDS = 20;

    private final TorrentSession session;
    private final Pieces pieces;
    private final SmartBan ban = new SmartBan();
    private final Verifier verifier;
    private final PiecePicker picker;
    private final BlockList picks = new BlockList(EngineLimits.REQUESTS_OPEN);
    private final IdentityHashMap<PeerPieces, ConnectedPeer> members = new IdentityHashMap<>();

    private final PieceInventory holdings;
    private PieceWish wish;
    private long wasted;
    private int hashFailures;
    private boolean asking;
    private boolean askAllSoon;
    private boolean toldFinished;

    /** @param claims what the torrent and its siblings tell one another */
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
        this.holdings = new PieceInventory(pieces, store.held());
        EngineContext around = session.surroundings();
        this.verifier =
                new Verifier(session.info(), store, session.loop(), around.workers(), around.backlog(), ban, this);
        this.picker = new PiecePicker(
                geometry,
                holdings.verified(),
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

    // ---- How it stands

    BitSet served() {
        return holdings.served();
    }

    long left() {
        return holdings.left();
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

    /** Begins or stops to ask peers. */
    void setAsking(boolean on) {
        asking = on;
        if (on) {
            tellIfFinished();
        } else {
            for (ConnectedPeer member : session.members()) {
                if (member.pieces != null) {
                    picker.releaseAll(member.pieces);
                }
                member.peer.cancelAll();
            }
        }
        askAll();
    }

    void want(PieceWish wanted) {
        wish = wanted;
        dropAllBut(wanted);
        toldFinished &= isDone();
        tellIfFinished();
        askAll();
    }

    /** Gives the store its room back: a torrent that rests must not keep it from others. */
    void giveUpOpen() {
        dropAllBut(piece -> 0);
        picker.prioritize(wish::of, this::cancel);
    }

    private void dropAllBut(PieceWish wanted) {
        BitSet dropped = picker.prioritize(wanted::of, this::cancel);
        for (int piece = dropped.nextSetBit(0); piece >= 0; piece = dropped.nextSetBit(piece + 1)) {
            verifier.drop(piece);
        }
    }

    /** The store may have room where it had none. */
    void roomChanged() {
        picker.roomChanged();
        askAllSoon();
    }

    /** Pieces that we had are gone. */
    void lost(BitSet lost) {
        holdings.lost(lost);
        picker.lost(lost);
        toldFinished &= isDone();
    }

    // ---- What peers say

    void joined(ConnectedPeer member, BitSet has) {
        PeerPieces joined = picker.joined(has, member.relation);
        member.pieces = joined;
        members.put(joined, member);
        showInterest(member);
    }

    void has(ConnectedPeer member, int piece) {
        if (member.pieces == null) {
            joined(member, new BitSet());
        }
        if (member.pieces != null) {
            picker.has(member.pieces, piece);
            showInterest(member);
        }
    }

    /** It will not give what it was asked for. */
    void released(ConnectedPeer member) {
        if (member.pieces != null) {
            picker.releaseAll(member.pieces);
            askAllSoon();
        }
    }

    void left(ConnectedPeer member) {
        PeerPieces gone = member.pieces;
        if (gone != null) {
            verifier.flush(); // it may have gone in mid-speech: what it gave before is kept
            picker.left(gone);
            members.remove(gone);
            member.pieces = null;
            askAllSoon();
        }
    }

    void block(ConnectedPeer member, int piece, int block, ByteBuf data) {
        PeerPieces from = member.pieces;
        Receipt receipt = from == null ? Receipt.UNWANTED : picker.received(from, piece, block, this::cancel);
        if (receipt == Receipt.UNWANTED) {
            wasted += data.readableBytes();
            data.release();
        } else {
            verifier.keep(piece, block, data, member.address());
        }
    }

    void heardAll(ConnectedPeer member) {
        verifier.flush();
        ask(member);
    }

    // ---- Asking

    /** To be called about once a second: what a sibling claimed may not be claimed any more. */
    void tick() {
        if (asking && session.presence().siblings() > 0) {
            askAll();
        }
    }

    /** Asks {@code member} for as much as it should owe us. */
    void ask(ConnectedPeer member) {
        int wanted = member.peer.requestsWanted();
        PeerPieces from = member.pieces;
        if (!asking || wanted == 0 || from == null) {
            return;
        }
        boolean fast = member.peer.gives(pieces.pieceLength(), FAST_SECONDS);
        int count = picker.pick(from, wanted, fast, picks);
        askPicked(member, count);
        int taken = count < wanted ? picker.takeOver(from, wanted - count, picks, this::cancel) : 0;
        askPicked(member, taken);
        if (taken > 0) {
            askAllSoon(); // those in whose place it was asked have less to do
        }
    }

    private void askPicked(ConnectedPeer member, int count) {
        for (int i = 0; i < count; i++) {
            member.peer.ask(picks.piece(i), picks.block(i));
        }
    }

    /** Something has become free to be asked for. Once, however much it was. */
    private void askAllSoon() {
        if (!askAllSoon) {
            askAllSoon = true;
            session.loop().execute(() -> {
                askAllSoon = false;
                askAll();
            });
        }
    }

    private void askAll() {
        for (ConnectedPeer member : session.members()) {
            showInterest(member);
            ask(member);
            member.peer.flush();
        }
    }

    private void showInterest(ConnectedPeer member) {
        member.peer.setInterested(asking && member.pieces != null && member.pieces.isInteresting());
    }

    private void cancel(PeerPieces peer, int piece, int block) {
        ConnectedPeer member = members.get(peer);
        if (member != null) {
            member.peer.cancel(piece, block);
            member.peer.flush();
        }
    }

    // ---- What became of pieces

    @Override
    public void right(int piece, boolean serves, Set<InetAddress> liars) {
        picker.verified(piece);
        holdings.add(piece, serves);
        for (ConnectedPeer member : session.members()) {
            if (serves && (member.pieces == null || !member.pieces.has(piece))) {
                member.peer.have(piece);
            }
            showInterest(member);
            member.peer.flush();
        }
        ban(liars, piece);
        session.verified(piece);
        tellIfFinished();
    }

    @Override
    public void wrong(int piece, Set<InetAddress> liars) {
        hashFailures++;
        wasted += pieces.length(piece);
        picker.failed(piece);
        ban(liars, piece);
        askAllSoon();
    }

    @Override
    public void storeFailed(int piece, Throwable cause) {
        picker.drop(piece, this::cancel);
        session.storeFailed(cause);
    }

    @Override
    public void dropped(int piece) {
        roomChanged();
    }

    private void ban(Set<InetAddress> liars, int piece) {
        for (InetAddress liar : liars) {
            session.banned(liar, piece);
        }
    }

    private void tellIfFinished() {
        if (isDone() && !toldFinished) {
            toldFinished = true;
            session.finished();
        }
    }

    /** Gives up what is open; {@code then} runs when the store is not used any more. */
    void close(Runnable then) {
        verifier.close(then);
    }
}
