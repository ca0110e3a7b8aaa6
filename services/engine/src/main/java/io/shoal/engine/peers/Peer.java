package io.shoal.engine.peers;

import io.netty.buffer.ByteBuf;
import io.shoal.bittorrent.metainfo.Pieces;
import io.shoal.bittorrent.wire.ExtendedHandshake;
import io.shoal.bittorrent.wire.Extension;
import io.shoal.bittorrent.wire.ExtensionMessage;
import io.shoal.bittorrent.wire.Handshake;
import io.shoal.bittorrent.wire.PeerMessageHandler;
import io.shoal.bittorrent.wire.PeerMessages;
import io.shoal.engine.limits.EngineLimits;
import java.net.InetSocketAddress;
import java.util.BitSet;

/**
 * One peer after the handshake, and our half of the exchange with it. Its messages are handled by
 * {@link PeerMessageReceiver} and passed to the {@link PeerListener}; {@link OutstandingRequests} keeps what was
 * requested from it, {@link UploadQueue} what it has requested. Which blocks are requested and which peers are choked
 * is decided elsewhere.
 *
 * <p>A peer that breaks the protocol in any way is closed, so what it sends cannot cost more than its own bytes.
 */
public final class Peer extends PeerConnection {
    private final TorrentContext context;
    private final PeerListener listener;
    private final PeerMessageReceiver receiver;
    private final OutstandingRequests requests = new OutstandingRequests();
    private final UploadQueue uploads;
    private final ReadThrottle reads;
    private final SendThrottle sends;
    private final RateMeter down = new RateMeter();
    private final RateMeter up = new RateMeter();
    private final ReadingClock clock = new ReadingClock();

    private boolean choked = true;
    private boolean interested;
    private boolean reading = true;

    /** When bytes were received last, in {@link #readingTime}. */
    private long lastReadAt;

    private long tickedAt;

    /** When either side was interested last, or a block was sent. */
    private long lastActiveAt;

    /**
     * @param theirs the peer's handshake
     * @param early bytes received after it, which the peer takes over
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
        this.reads = new ReadThrottle(context.loop(), context.downShare(), this);
        this.sends = new SendThrottle(context.loop(), context.upShare(), this);
        this.uploads = new UploadQueue(context, this, sends);
        this.receiver = new PeerMessageReceiver(this, context, listener, requests, uploads, down);
    }

    // ---- State

    /** Returns the client's name: cleaned, short, or empty. */
    public String client() {
        return receiver.client;
    }

    /** Whether we are choking the peer. */
    public boolean isChoked() {
        return choked;
    }

    /** Whether the peer is choking us. */
    public boolean isChokingUs() {
        return receiver.isChokingUs;
    }

    /** Whether the peer is interested in our pieces. */
    public boolean isInterested() {
        return receiver.isInterested;
    }

    /** Whether we are interested in the peer's pieces. */
    public boolean isInteresting() {
        return interested;
    }

    /** Whether the peer receives messages of {@code extension}. */
    public boolean supports(Extension extension) {
        return receiver.extensions.of(extension) != 0;
    }

    /** The peer is in this process, so its requests are late soon. */
    public void setLocal() {
        requests.setLocal();
    }

    /** Payload received. */
    public RateMeter down() {
        return down;
    }

    /** Payload sent. */
    public RateMeter up() {
        return up;
    }

    /**
     * Whether the peer has sent no requested block for long: one request at a time is sent, to notice when it is back.
     */
    public boolean isSnubbed() {
        return requests.isSnubbed();
    }

    /** Returns how many more requests should be sent: 0 while the peer chokes us. */
    public int requestsToSend() {
        return receiver.isChokingUs || isClosed() ? 0 : requests.toSend();
    }

    /** Whether the peer would deliver {@code bytes} within {@code seconds}. */
    public boolean canDeliver(int bytes, int seconds) {
        return down.perSecond() * seconds >= bytes;
    }

    // ---- Sending

    /** Sends the bitfield, which is allowed only once and first, and the extended handshake. */
    public void sendInitialMessages(BitSet held, ExtendedHandshake handshake) {
        if (isClosed()) {
            return;
        }
        if (!held.isEmpty()) {
            PeerMessages.bitfield(outBuffer(), held, context.pieces().count());
        }
        if (handshake().capabilities().extended()) {
            PeerMessages.extended(outBuffer(), 0, handshake.encode());
        }
    }

    /** Sends HAVE for {@code piece}. */
    public void sendHave(int piece) {
        if (!isClosed()) {
            PeerMessages.have(outBuffer(), piece);
        }
    }

    /** Sends whether we are interested, if that has changed. */
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

    /** Chokes or unchokes the peer. A choke voids its requests (BEP 3). */
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

    /** Requests a block. */
    public void request(int piece, int block) {
        if (!isClosed()) {
            int begin = block * Pieces.BLOCK;
            requests.sent(piece, begin, readingTime());
            PeerMessages.request(outBuffer(), piece, begin, context.pieces().blockLength(piece, block));
        }
    }

    /** Cancels a request. The block may arrive all the same. */
    public void cancel(int piece, int block) {
        int begin = block * Pieces.BLOCK;
        if (!isClosed() && requests.cancel(piece, begin)) {
            PeerMessages.cancel(outBuffer(), piece, begin, context.pieces().blockLength(piece, block));
        }
    }

    /** Cancels all outstanding requests. */
    public void cancelAll() {
        while (!isClosed() && !requests.isEmpty()) {
            cancel(requests.oldestPiece(), requests.oldestBegin() / Pieces.BLOCK);
        }
    }

    /**
     * Sends an extension message if the peer {@link #supports} it; at once, so that a full connection is noticed.
     */
    public void send(ExtensionMessage message) {
        Extension extension = message.extension();
        if (!isClosed() && handshake().capabilities().extended() && (extension == null || supports(extension))) {
            int id = extension == null ? 0 : receiver.extensions.of(extension);
            PeerMessages.extended(outBuffer(), id, message.encode());
            flush();
        }
    }

    /** Returns the time, which stands still while the connection is not read. */
    long readingTime() {
        return clock.at(context.loop().nanoTime());
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
        context.countSent(length);
        lastActiveAt = lastSentAt();
    }

    /** The store could not be read for a request of the peer. */
    void readFailed() {
        listener.readFailed();
    }

    // ---- Waiting, and time

    /** Continues what waited for the rate limits or the backlog. */
    public void resume() {
        if (isClosed()) {
            return;
        }
        if (!reading) {
            if (mayRead()) {
                reading = true;
                clock.start(context.loop().nanoTime());
                setReading(true);
            } else if (!reads.isWaiting()) {
                context.resumeLater(this);
            }
        }
        uploads.pump();
    }

    private boolean mayRead() {
        return !reads.isWaiting() && context.mayReceive();
    }

    /** Must be called about once a second. */
    public void tick(long now) {
        long elapsed = now - tickedAt;
        tickedAt = now;
        down.tick(elapsed);
        up.tick(elapsed);
        reads.tick(now);
        sends.tick();
        if (reading) {
            requests.tick(clock.at(now), down, listener);
        }
        if (reading && clock.at(now) - lastReadAt > EngineLimits.SILENCE.toNanos()) {
            close("silent");
        } else if (requests.isHopeless()) {
            close("sends no requested block");
        } else if (interested || receiver.isInterested) {
            lastActiveAt = now;
        } else if (now - lastActiveAt > EngineLimits.IDLE.toNanos() && context.areConnectionsScarce()) {
            close("neither side is interested");
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
        tickedAt = now;
        lastActiveAt = now;
        lastReadAt = readingTime();
        reads.tick(now);
        sends.tick();
        listener.opened();
    }

    @Override
    void onReadComplete(int bytes) {
        lastReadAt = readingTime();
        reads.received(bytes);
        listener.readComplete();
        uploads.pump(); // after all requests that arrived together are known, so that adjacent blocks are read at once
        flush();
        if (reading && !isClosed() && !mayRead()) {
            reading = false;
            clock.stop(context.loop().nanoTime());
            setReading(false);
            if (!reads.isWaiting()) {
                context.resumeLater(this);
            }
        }
    }

    @Override
    public void writabilityChanged() {
        uploads.pump();
    }

    @Override
    void onClosed(String reason) {
        reads.close();
        sends.close();
        uploads.clear();
        listener.closed(reason);
    }
}
