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

    private final TorrentContext context;
    private final PeerListener listener;
    private final PeerMessageReceiver receiver;
    private final OutstandingRequests requests = new OutstandingRequests();
    private final UploadQueue uploads;
    private final RateMeter down = new RateMeter();
    private final RateMeter up = new RateMeter();

    private boolean choked = true;
    private boolean interested;
    private boolean reading = true;
    private long openedAt;
    private long tickedAt;

    /** When either of us wanted anything last, or we gave something. */
    private long lastActiveAt;

    /**
     * @param theirs what it said first
     * @param early what came right after that, which the peer takes over
     */
    public Peer(
            TorrentContext context,
            Handshake theirs,
            InetSocketAddress address,
            boolean incoming,
            ByteBuf early,
            PeerListener listener) {
        super(context.loop(), context.handshake(), theirs, address, incoming, early);
        this.context = context;
        this.listener = listener;
        this.uploads = new UploadQueue(context, this);
        this.receiver = new PeerMessageReceiver(this, context, listener, requests, uploads, down);
    }

    // ---- How it stands

    /** What it calls itself: cleaned, short, or empty. */
    public String client() {
        return receiver.client;
    }

    /** Whether we choke it. */
    public boolean isChoked() {
        return choked;
    }

    /** Whether it wants what we have. */
    public boolean isInterested() {
        return receiver.isInterested;
    }

    /** Whether it takes metadata messages. */
    public boolean supportsMetadata() {
        return receiver.metadataId != 0;
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
        return requests.isSnubbed();
    }

    /** How many more requests it should have open: 0 while it chokes us. */
    public int requestsToSend() {
        return receiver.isChokingUs || isClosed() ? 0 : requests.toSend();
    }

    /** Whether it would give a piece of this length within {@code seconds}. */
    public boolean canDeliver(int bytes, int seconds) {
        return down.perSecond() * seconds >= bytes;
    }

    // ---- What we say

    /** Says first which pieces we have, which it may do only once, and what we speak. */
    public void sendInitialMessages(BitSet held, ExtendedHandshake handshake) {
        if (isClosed()) {
            return;
        }
        if (!held.isEmpty()) {
            PeerMessages.bitfield(outBuffer(), held, context.pieces().count());
        }
        if (handshake().extended()) {
            PeerMessages.extended(outBuffer(), 0, handshake.encode());
        }
    }

    /** Says that we have {@code piece} now. */
    public void sendHave(int piece) {
        if (!isClosed()) {
            PeerMessages.have(outBuffer(), piece);
        }
    }

    /** Says that we want something of what it has, or nothing; once is enough. */
    public void setInterested(boolean wants) {
        if (wants != interested && !isClosed()) {
            interested = wants;
            if (wants) {
                PeerMessages.interested(outBuffer());
            } else {
                PeerMessages.notInterested(outBuffer());
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
            PeerMessages.choke(outBuffer());
        } else {
            PeerMessages.unchoke(outBuffer());
        }
    }

    /** Asks for a block. */
    public void request(int piece, int block) {
        if (!isClosed()) {
            int begin = block * Pieces.BLOCK;
            requests.sent(piece, begin, context.loop().nanoTime());
            PeerMessages.request(outBuffer(), piece, begin, context.pieces().blockLength(piece, block));
        }
    }

    /** Takes a request back. The block may come all the same. */
    public void cancel(int piece, int block) {
        int begin = block * Pieces.BLOCK;
        if (!isClosed() && requests.cancel(piece, begin)) {
            PeerMessages.cancel(outBuffer(), piece, begin, context.pieces().blockLength(piece, block));
        }
    }

    /** Takes back all that it owes us. */
    public void cancelAll() {
        while (!isClosed() && !requests.isEmpty()) {
            cancel(requests.oldestPiece(), requests.oldestBegin() / Pieces.BLOCK);
        }
    }

    /** Sends a metadata message to a peer that {@link #supportsMetadata}; at once, to know when it is full. */
    public void send(MetadataMessage message) {
        if (!isClosed()) {
            PeerMessages.extended(outBuffer(), receiver.metadataId, message.encode());
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
        PeerMessages.blockHeader(outBuffer(), piece, begin, length);
        send(data);
        up.add(length);
        lastActiveAt = lastSentAt();
    }

    /** The store cannot be read: choking says so, because a request that is dropped in silence would be waited for. */
    void readFailed() {
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
            reading = context.mayReceive();
            if (reading) {
                setReading(true);
            } else {
                context.resumeLater(this);
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
        if (requests.tick(now, down.perSecond())) {
            listener.snubbed();
        }
        if (reading && now - lastReceivedAt() > EngineLimits.SILENCE.toNanos()) {
            close("silent");
        } else if (interested || receiver.isInterested) {
            lastActiveAt = now;
        } else if (now - lastActiveAt > EngineLimits.IDLE.toNanos() && now - openedAt > EngineLimits.IDLE.toNanos()) {
            close("nobody wants anything");
        }
        if (now - lastSentAt() > EngineLimits.KEEP_ALIVE.toNanos() && !isClosed()) {
            PeerMessages.keepAlive(outBuffer());
            flush();
        }
    }

    // ---- The connection

    @Override
    PeerMessageHandler messageHandler() {
        return receiver;
    }

    @Override
    void onOpened(long now) {
        openedAt = now;
        tickedAt = now;
        lastActiveAt = now;
        listener.opened();
    }

    @Override
    void onReadComplete() {
        listener.readComplete();
        uploads.pump(); // now that all requests are known that came together, so that neighbours are read at once
        flush();
        if (reading && !isClosed() && !context.mayReceive()) {
            reading = false;
            setReading(false);
            context.resumeLater(this);
        }
    }

    @Override
    public void writabilityChanged() {
        uploads.pump();
    }

    @Override
    void onClosed(String reason) {
        uploads.clear();
        listener.closed(reason);
    }
}
