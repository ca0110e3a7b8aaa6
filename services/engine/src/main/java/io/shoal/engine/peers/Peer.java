package io.shoal.engine.peers;

import io.netty.buffer.ByteBuf;
import io.shoal.bittorrent.metainfo.Pieces;
import io.shoal.bittorrent.wire.ExtendedHandshake;
import io.shoal.bittorrent.wire.Handshake;
import io.shoal.bittorrent.wire.MetadataMessage;
import io.shoal.bittorrent.wire.PeerMessageHandler;
import io.shoal.bittorrent.wire.PeerMessages;
import io.shoal.engine.limits.EngineLimits;
import java.net.InetSocketAddress;
import java.util.BitSet;

/**
 * One peer that has shaken hands, and our half of the conversation with it. Its half is heard by {@link PeerMessageReceiver} and told to
 * the {@link PeerListener}; what it owes us is kept in {@link OutstandingRequests}, what we owe it in {@link UploadQueue}. Who is asked for what,
 * and who is choked, is decided elsewhere.
 *
 * <p>A peer that breaks the protocol is closed, whatever it broke: nothing that it sends can cost more than its own bytes.
 */
public final class Peer extends PeerConnection {
    /** The number under which we take metadata messages. */
    public static final int METADATA_ID = 1;

    private final TorrentContext world;
    private final PeerListener listener;
    private final PeerMessageReceiver ear;
    private final OutstandingRequests debt = new OutstandingRequests();
    private final UploadQueue uploads;
    private final RateMeter down = new RateMeter();
    private final RateMeter up = new RateMeter();

    private boolean choked = true;
    private boolean interested;
    private boolean reading = true;
    private long openedAt;
    private long tickedAt;

    /** When either of us wanted anything last, or we gave something. */
    private long wantedAt;

    /**
     * @param theirs what it said first
     * @param early what came right after that, which the peer takes over
     */
    public Peer(
            TorrentContext world,
            Handshake theirs,
            InetSocketAddress address,
            boolean incoming,
            ByteBuf early,
            PeerListener listener) {
        super(world.loop(), world.handshake(), theirs, address, incoming, early);
        this.world = world;
        this.listener = listener;
        this.uploads = new UploadQueue(world, this);
        this.ear = new PeerMessageReceiver(this, world, listener, debt, uploads, down);
    }

    // ---- How it stands

    /** What it calls itself: cleaned, short, or empty. */
    public String client() {
        return ear.client;
    }

    /** Whether we choke it. */
    public boolean isChoked() {
        return choked;
    }

    /** Whether it wants what we have. */
    public boolean isInterested() {
        return ear.isInterested;
    }

    /** Whether it takes metadata messages. */
    public boolean takesMetadata() {
        return ear.metadataId != 0;
    }

    /** Payload that came. */
    public RateMeter down() {
        return down;
    }

    /** Payload that went. */
    public RateMeter up() {
        return up;
    }

    /** Whether it owed us blocks and sent none for long: it is asked for one at a time, to see when it is back. */
    public boolean isSnubbed() {
        return debt.isSnubbed();
    }

    /** How many more requests it should have open: 0 while it chokes us. */
    public int requestsWanted() {
        return ear.chokesUs || isClosed() ? 0 : debt.wanted();
    }

    /** Whether it would give a piece of this length within {@code seconds}. */
    public boolean gives(int bytes, int seconds) {
        return down.perSecond() * seconds >= bytes;
    }

    // ---- What we say

    /** Says first which pieces we have, which it may do only once, and what we speak. */
    public void introduce(BitSet held, ExtendedHandshake handshake) {
        if (isClosed()) {
            return;
        }
        if (!held.isEmpty()) {
            PeerMessages.bitfield(out(), held, world.pieces().count());
        }
        if (handshake().extended()) {
            PeerMessages.extended(out(), 0, handshake.encode());
        }
    }

    /** Says that we have {@code piece} now. */
    public void have(int piece) {
        if (!isClosed()) {
            PeerMessages.have(out(), piece);
        }
    }

    /** Says that we want something of what it has, or nothing; once is enough. */
    public void setInterested(boolean wants) {
        if (wants != interested && !isClosed()) {
            interested = wants;
            if (wants) {
                PeerMessages.interested(out());
            } else {
                PeerMessages.notInterested(out());
            }
        }
    }

    /** Says that it is served, or not any more: then what it asked for is void (BEP 3). */
    public void setChoked(boolean choke) {
        if (choke == choked || isClosed()) {
            return;
        }
        choked = choke;
        if (choke) {
            uploads.clear();
            PeerMessages.choke(out());
        } else {
            PeerMessages.unchoke(out());
        }
    }

    /** Asks for a block. */
    public void ask(int piece, int block) {
        if (!isClosed()) {
            int begin = block * Pieces.BLOCK;
            debt.add(piece, begin, world.loop().nanoTime());
            PeerMessages.request(out(), piece, begin, world.pieces().blockLength(piece, block));
        }
    }

    /** Takes a request back. The block may come all the same. */
    public void cancel(int piece, int block) {
        int begin = block * Pieces.BLOCK;
        if (!isClosed() && debt.takeBack(piece, begin)) {
            PeerMessages.cancel(out(), piece, begin, world.pieces().blockLength(piece, block));
        }
    }

    /** Takes back all that it owes us. */
    public void cancelAll() {
        while (!isClosed() && !debt.isEmpty()) {
            cancel(debt.firstPiece(), debt.firstBegin() / Pieces.BLOCK);
        }
    }

    /** Sends a metadata message to a peer that {@link #takesMetadata}; at once, to know when it is full. */
    public void send(MetadataMessage message) {
        if (!isClosed()) {
            PeerMessages.extended(out(), ear.metadataId, message.encode());
            flush();
        }
    }

    // ---- Serving

    boolean canSendPayload() {
        return !choked && isWritable();
    }

    void sendBlock(int piece, int begin, ByteBuf data) {
        if (isClosed()) {
            data.release();
            return;
        }
        int length = data.readableBytes();
        PeerMessages.blockHeader(out(), piece, begin, length);
        send(data);
        up.add(length);
        wantedAt = saidAt();
    }

    /** The store cannot be read: choking says so, because a request that is dropped in silence would be waited for. */
    void cannotServe() {
        setChoked(true);
        flush();
    }

    // ---- Waiting, and time

    /** Goes on with what waited for the world's rates. */
    public void resume() {
        if (isClosed()) {
            return;
        }
        if (!reading) {
            reading = world.mayReceive();
            if (reading) {
                setReading(true);
            } else {
                world.waits(this);
            }
        }
        uploads.pump();
    }

    /** To be called about once a second. */
    public void tick(long now) {
        long elapsed = now - tickedAt;
        tickedAt = now;
        down.tick(elapsed);
        up.tick(elapsed);
        if (debt.tick(now, down.perSecond())) {
            listener.snubbed();
        }
        if (reading && now - heardAt() > EngineLimits.SILENCE.toNanos()) {
            close("silent");
        } else if (interested || ear.isInterested) {
            wantedAt = now;
        } else if (now - wantedAt > EngineLimits.IDLE.toNanos() && now - openedAt > EngineLimits.IDLE.toNanos()) {
            close("nobody wants anything");
        }
        if (now - saidAt() > EngineLimits.KEEP_ALIVE.toNanos() && !isClosed()) {
            PeerMessages.keepAlive(out());
            flush();
        }
    }

    // ---- The connection

    @Override
    PeerMessageHandler ear() {
        return ear;
    }

    @Override
    void begun(long now) {
        openedAt = now;
        tickedAt = now;
        wantedAt = now;
        listener.opened();
    }

    @Override
    void heard() {
        listener.heardAll();
        uploads.pump(); // now that all requests are known that came together, so that neighbours are read at once
        flush();
        if (reading && !isClosed() && !world.mayReceive()) {
            reading = false;
            setReading(false);
            world.waits(this);
        }
    }

    @Override
    public void writabilityChanged() {
        uploads.pump();
    }

    @Override
    void ended(String reason) {
        uploads.clear();
        listener.closed(reason);
    }
}
