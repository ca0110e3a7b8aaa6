package io.shoal.engine.swarms;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.shoal.bittorrent.PeerId;
import io.shoal.bittorrent.metainfo.Info;
import io.shoal.bittorrent.metainfo.Pieces;
import io.shoal.bittorrent.wire.Capabilities;
import io.shoal.bittorrent.wire.Handshake;
import io.shoal.bittorrent.wire.PeerMessageDecoder;
import io.shoal.bittorrent.wire.PeerMessageHandler;
import io.shoal.bittorrent.wire.PeerMessages;
import io.shoal.bittorrent.wire.PeerWireException;
import io.shoal.engine.net.Connection;
import io.shoal.engine.net.ConnectionHandler;
import java.nio.charset.StandardCharsets;
import java.util.BitSet;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** A peer that dials a torrent, has nothing, is interested, and records what it is sent. */
final class ScriptedTaker implements ConnectionHandler {
    final BitSet haves = new BitSet();
    int reads;
    int blocks;
    int unchokes;
    int chokes;
    boolean isChoked = true;
    boolean isClosed;

    private final PeerId id;
    private final Info info;
    private final boolean requests;
    private final PeerMessageDecoder decoder =
            new PeerMessageDecoder(Unpooled.buffer().alloc(), new Messages());
    private int handshakeBytes = Handshake.LENGTH;
    private @Nullable Connection connection;

    /** @param requests whether it requests the first block whenever it is unchoked */
    ScriptedTaker(int number, Info info, boolean requests) {
        this.id = PeerId.of(String.format("-TA0001-%012d", number).getBytes(StandardCharsets.US_ASCII));
        this.info = info;
        this.requests = requests;
    }

    @Override
    public void opened(Connection opened) {
        connection = opened;
        ByteBuf out = Unpooled.buffer();
        new Handshake(info.hash(), id, Capabilities.NONE).encode(out);
        PeerMessages.interested(out);
        opened.write(out);
        opened.flush();
    }

    @Override
    public void received(ByteBuf bytes) {
        reads++;
        int skipped = Math.min(handshakeBytes, bytes.readableBytes());
        handshakeBytes -= skipped;
        bytes.skipBytes(skipped);
        try {
            decoder.decode(bytes);
        } catch (PeerWireException e) {
            throw new AssertionError(e);
        }
    }

    @Override
    public void writabilityChanged() {}

    @Override
    public void closed() {
        isClosed = true;
        decoder.close();
    }

    private final class Messages implements PeerMessageHandler {
        @Override
        public void unchoke() {
            isChoked = false;
            unchokes++;
            if (requests) {
                ByteBuf out = Unpooled.buffer();
                PeerMessages.request(out, 0, 0, Pieces.BLOCK);
                Connection to = Objects.requireNonNull(connection);
                to.write(out);
                to.flush();
            }
        }

        @Override
        public void choke() {
            isChoked = true;
            chokes++;
        }

        @Override
        public void block(int piece, int begin, ByteBuf data) {
            blocks++;
            data.release();
        }

        @Override
        public void have(int piece) {
            haves.set(piece);
        }

        @Override
        public void bitfield(ByteBuf bits) {}

        @Override
        public void request(int piece, int begin, int length) {}

        @Override
        public void keepAlive() {}

        @Override
        public void interested() {}

        @Override
        public void notInterested() {}

        @Override
        public void cancel(int piece, int begin, int length) {}

        @Override
        public void extended(int id, ByteBuf payload) {}
    }
}
