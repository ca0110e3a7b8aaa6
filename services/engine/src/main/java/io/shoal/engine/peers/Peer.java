package io.shoal.engine.peers;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import io.shoal.bittorrent.metainfo.Pieces;
import io.shoal.bittorrent.wire.ExtendedHandshake;
import io.shoal.bittorrent.wire.Handshake;
import io.shoal.bittorrent.wire.MetadataMessage;
import io.shoal.bittorrent.wire.PeerMessageDecoder;
import io.shoal.bittorrent.wire.PeerMessageHandler;
import io.shoal.bittorrent.wire.PeerMessages;
import io.shoal.bittorrent.wire.PeerWireException;
import io.shoal.bittorrent.wire.WireLimits;
import io.shoal.engine.limits.EngineLimits;
import io.shoal.engine.net.Connection;
import io.shoal.engine.net.ConnectionHandler;
import java.net.InetSocketAddress;
import java.util.BitSet;
import org.jspecify.annotations.Nullable;

/**
 * One peer that has shaken hands: what it says is checked here and told to the {@link PeerListener}; what we say is collected
 * and leaves with {@link #flush}. Who is asked for what, and who is choked, is decided elsewhere.
 *
 * <p>A peer that breaks the protocol is closed, whatever it broke: nothing that it sends can cost more than its own bytes.
 */
public final class Peer implements ConnectionHandler {
    /** The number under which we take metadata messages. */
    public static final int METADATA_ID = 1;

    private static final int OUT_BYTES = 256;

    private final PeerWorld world;
    private final PeerListener listener;
    private final Handshake theirs;
    private final InetSocketAddress address;
    private final boolean incoming;
    private final PeerMessageDecoder decoder;
    private final OpenRequests owed = new OpenRequests();
    private final Pipeline pipeline = new Pipeline();
    private final Uploads uploads;
    private final RateMeter down = new RateMeter();
    private final RateMeter up = new RateMeter();

    private @Nullable ByteBuf early;
    private @Nullable Connection connection;
    private @Nullable ByteBuf out;
    private String closeReason = "closed by the peer";
    private boolean closed;
    private boolean reading = true;

    private boolean chokesUs = true;
    private boolean choked = true;
    private boolean interested;
    private boolean interestedInUs;
    private boolean toldPieces;
    private int theirMetadataId;
    private String client = "";

    /** Blocks that we asked for and then not any more: they may still come. */
    private int mayStillCome;

    private int unasked;
    private boolean isSnubbed;
    private long openedAt;
    private long heardAt;
    private long saidAt;
    private long blockAt;
    private long tickedAt;
    private long wantedAt;

    /**
     * @param theirs what it said first
     * @param early what came right after that, which the peer takes over
     */
    public Peer(
            PeerWorld world,
            Handshake theirs,
            InetSocketAddress address,
            boolean incoming,
            ByteBuf early,
            PeerListener listener) {
        this.world = world;
        this.theirs = theirs;
        this.address = address;
        this.incoming = incoming;
        this.early = early;
        this.listener = listener;
        this.decoder = new PeerMessageDecoder(PooledByteBufAllocator.DEFAULT, new Ear());
        this.uploads = new Uploads(world, this);
    }

    // ---- Who it is, and how it stands

    public Handshake handshake() {
        return theirs;
    }

    public InetSocketAddress address() {
        return address;
    }

    public boolean isIncoming() {
        return incoming;
    }

    /** What it calls itself: cleaned, short, or empty. */
    public String client() {
        return client;
    }

    /** Whether we choke it. */
    public boolean isChoked() {
        return choked;
    }

    /** Whether it chokes us. */
    public boolean chokesUs() {
        return chokesUs;
    }

    /** Whether it wants what we have. */
    public boolean isInterested() {
        return interestedInUs;
    }

    /** Whether it takes metadata messages. */
    public boolean takesMetadata() {
        return theirMetadataId != 0;
    }

    /** Payload that came. */
    public RateMeter down() {
        return down;
    }

    /** Payload that went. */
    public RateMeter up() {
        return up;
    }

    /** How many more requests it should have open: 0 while it chokes us. */
    public int requestsWanted() {
        return chokesUs || closed ? 0 : Math.max(0, pipeline.depth() - owed.size());
    }

    /** Whether it would give a piece of this length within {@code seconds}. */
    public boolean gives(int bytes, int seconds) {
        return down.perSecond() * seconds >= bytes;
    }

    // ---- What we say

    /** Says first which pieces we have, which it may do only once, and what we speak. */
    public void introduce(BitSet held, ExtendedHandshake handshake) {
        if (closed) {
            return;
        }
        if (!held.isEmpty()) {
            PeerMessages.bitfield(out(), held, world.pieces().count());
        }
        if (theirs.extended()) {
            PeerMessages.extended(out(), 0, handshake.encode());
        }
    }

    /** Says that we have {@code piece} now. */
    public void have(int piece) {
        if (!closed) {
            PeerMessages.have(out(), piece);
        }
    }

    /** Says that we want something of what it has, or nothing; once is enough. */
    public void setInterested(boolean wants) {
        if (wants != interested && !closed) {
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
        if (choke == choked || closed) {
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
        if (closed) {
            return;
        }
        int begin = block * Pieces.BLOCK;
        if (owed.size() == 0) {
            blockAt = world.loop().nanoTime();
        }
        owed.add(piece, begin);
        PeerMessages.request(out(), piece, begin, world.pieces().blockLength(piece, block));
    }

    /** Takes a request back. The block may come all the same. */
    public void cancel(int piece, int block) {
        int begin = block * Pieces.BLOCK;
        if (!closed && owed.remove(piece, begin)) {
            mayStillCome++;
            PeerMessages.cancel(out(), piece, begin, world.pieces().blockLength(piece, block));
        }
    }

    /** Takes back all that it owes us. */
    public void cancelAll() {
        while (!closed && owed.size() > 0) {
            int piece = owed.firstPiece();
            cancel(piece, owed.firstBegin() / Pieces.BLOCK);
        }
    }

    /** Sends a metadata message to a peer that {@link #takesMetadata}. */
    public void send(MetadataMessage message) {
        if (!closed) {
            PeerMessages.extended(out(), theirMetadataId, message.encode());
        }
    }

    /** Lets leave what was said. */
    public void flush() {
        Connection to = connection;
        if (to != null && !closed) {
            writeOut(to);
            to.flush();
        }
    }

    /** Closes the connection; the listener hears it, at once or soon. */
    public void close(String reason) {
        if (!closed) {
            closeReason = reason;
            if (connection != null) {
                connection.close();
            }
            finish();
        }
    }

    private ByteBuf out() {
        ByteBuf buffer = out;
        if (buffer == null) {
            buffer = PooledByteBufAllocator.DEFAULT.directBuffer(OUT_BYTES);
            out = buffer;
        }
        return buffer;
    }

    private void writeOut(Connection to) {
        ByteBuf said = out;
        if (said != null) {
            out = null; // first, because writing may tell that the connection is full, and then more may be said
            to.write(said);
            saidAt = world.loop().nanoTime();
        }
    }

    // ---- Serving

    boolean canSendPayload() {
        return !closed && !choked && connection != null && connection.isWritable();
    }

    void sendBlock(int piece, int begin, ByteBuf data) {
        Connection to = connection;
        if (to == null || closed) {
            data.release();
            return;
        }
        int length = data.readableBytes();
        PeerMessages.blockHeader(out(), piece, begin, length);
        writeOut(to);
        to.write(data);
        up.add(length);
        wantedAt = saidAt;
    }

    /** The store cannot be read: choking says so, because a request that is dropped in silence would be waited for. */
    void cannotServe() {
        setChoked(true);
        flush();
    }

    /** Goes on with what waited for the world's rates. */
    public void resume() {
        Connection from = connection;
        if (closed || from == null) {
            return;
        }
        if (!reading) {
            if (world.mayReceive()) {
                reading = true;
                from.setReading(true);
            } else {
                world.waits(this);
            }
        }
        uploads.pump();
    }

    // ---- Time

    /** To be called about once a second. */
    public void tick(long now) {
        long elapsed = now - tickedAt;
        tickedAt = now;
        down.tick(elapsed);
        up.tick(elapsed);
        if (owed.size() > 0) {
            pipeline.tick(down.perSecond());
            if (!isSnubbed && now - blockAt > EngineLimits.SNUBBED.toNanos()) {
                isSnubbed = true;
                pipeline.snubbed();
                forgetOwed();
                listener.snubbed();
            }
        }
        if (reading && now - heardAt > EngineLimits.SILENCE.toNanos()) {
            close("silent");
        } else if (interested || interestedInUs) {
            wantedAt = now;
        } else if (now - wantedAt > EngineLimits.IDLE.toNanos() && now - openedAt > EngineLimits.IDLE.toNanos()) {
            close("nobody wants anything");
        }
        if (now - saidAt > EngineLimits.KEEP_ALIVE.toNanos() && !closed) {
            PeerMessages.keepAlive(out());
            flush();
        }
    }

    private void forgetOwed() {
        mayStillCome += owed.size();
        owed.clear();
    }

    // ---- The connection

    @Override
    public void opened(Connection opened) {
        connection = opened;
        long now = world.loop().nanoTime();
        openedAt = now;
        heardAt = now;
        saidAt = now;
        tickedAt = now;
        wantedAt = now;
        if (incoming) {
            world.handshake().encode(out());
        }
        listener.opened();
        flush();
        ByteBuf rest = early;
        early = null;
        if (rest != null) {
            try {
                received(rest);
            } finally {
                rest.release();
            }
        }
    }

    @Override
    public void received(ByteBuf bytes) {
        if (closed) {
            return;
        }
        heardAt = world.loop().nanoTime();
        try {
            decoder.decode(bytes);
        } catch (PeerWireException e) {
            close("broke the protocol: " + e.getMessage());
        }
        if (closed) {
            return;
        }
        listener.heardAll();
        uploads.pump(); // now that all requests are known that came together, so that neighbours are read at once
        flush();
        if (reading && !closed && connection != null && !world.mayReceive()) {
            reading = false;
            connection.setReading(false);
            world.waits(this);
        }
    }

    @Override
    public void writabilityChanged() {
        uploads.pump();
    }

    @Override
    public void closed() {
        finish();
    }

    private void finish() {
        if (closed) {
            return;
        }
        closed = true;
        decoder.close();
        uploads.clear();
        if (out != null) {
            out.release();
            out = null;
        }
        if (early != null) {
            early.release();
            early = null;
        }
        listener.closed(closeReason);
    }

    /** Hears the messages, checks their numbers, and keeps the state that they change. */
    private final class Ear implements PeerMessageHandler {
        @Override
        public void keepAlive() {
            // having heard anything is all that it says
        }

        @Override
        public void choke() {
            if (!chokesUs) {
                chokesUs = true;
                forgetOwed();
                listener.chokedUs();
            }
        }

        @Override
        public void unchoke() {
            if (chokesUs) {
                chokesUs = false;
                listener.unchokedUs();
            }
        }

        @Override
        public void interested() {
            setInterestedInUs(true);
        }

        @Override
        public void notInterested() {
            setInterestedInUs(false);
        }

        private void setInterestedInUs(boolean interest) {
            if (interest != interestedInUs) {
                interestedInUs = interest;
                listener.interestChanged();
            }
        }

        @Override
        public void have(int piece) throws PeerWireException {
            check(world.pieces().contains(piece), "HAVE of a piece that does not exist");
            toldPieces = true;
            listener.has(piece);
        }

        @Override
        public void bitfield(ByteBuf bits) throws PeerWireException {
            BitSet has = PeerMessages.readBitfield(bits, world.pieces().count());
            if (toldPieces) { // not of BEP 3, but aria2 says it so when it has got many pieces at once
                has.stream().forEach(listener::has);
            } else {
                toldPieces = true;
                listener.has(has);
            }
        }

        @Override
        public void request(int piece, int begin, int length) throws PeerWireException {
            check(
                    length <= WireLimits.REQUEST_BYTES && world.pieces().contains(piece, begin, length),
                    "a request for bytes that do not exist");
            if (!choked && world.serves(piece)) {
                uploads.add(piece, begin, length);
            }
        }

        @Override
        public void cancel(int piece, int begin, int length) {
            uploads.cancel(piece, begin, length);
        }

        @Override
        public void block(int piece, int begin, ByteBuf data) throws PeerWireException {
            int length = data.readableBytes();
            down.add(length);
            world.received(length);
            boolean wasOwed = owed.remove(piece, begin);
            if (!wasOwed && mayStillCome > 0) {
                mayStillCome--;
            } else if (!wasOwed && ++unasked > EngineLimits.UNASKED_BLOCKS) {
                data.release();
                throw new PeerWireException("a flood of blocks that nobody asked for");
            }
            if (!world.pieces().isBlock(piece, begin, length)) {
                data.release();
                throw new PeerWireException("a block with wrong bounds");
            }
            blockAt = heardAt;
            isSnubbed = false;
            pipeline.received();
            listener.block(piece, begin / Pieces.BLOCK, data);
        }

        @Override
        public void extended(int id, ByteBuf payload) throws PeerWireException {
            if (id == 0) {
                ExtendedHandshake handshake = ExtendedHandshake.decode(payload);
                theirMetadataId = handshake.metadataId();
                client = handshake.client();
                if (handshake.requestQueue() > 0) {
                    pipeline.bound(handshake.requestQueue());
                }
                listener.described(handshake);
            } else if (id == METADATA_ID) {
                MetadataMessage message = MetadataMessage.decode(payload);
                if (message != null) {
                    listener.metadata(message);
                }
            }
        }

        private static void check(boolean holds, String rule) throws PeerWireException {
            if (!holds) {
                throw new PeerWireException(rule);
            }
        }
    }
}
