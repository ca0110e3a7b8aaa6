package io.shoal.engine.swarms;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.shoal.bittorrent.PeerId;
import io.shoal.bittorrent.metainfo.Info;
import io.shoal.bittorrent.wire.Capabilities;
import io.shoal.bittorrent.wire.Handshake;
import io.shoal.bittorrent.wire.PeerMessageDecoder;
import io.shoal.bittorrent.wire.PeerMessageHandler;
import io.shoal.bittorrent.wire.PeerMessages;
import io.shoal.bittorrent.wire.PeerWireException;
import io.shoal.engine.net.Connection;
import io.shoal.engine.net.ConnectionHandler;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Objects;
import java.util.function.IntPredicate;
import org.jspecify.annotations.Nullable;

/** A seed that accepts connections, unchokes, and answers the requests that its script lets it answer. */
public class ScriptedSeed implements ConnectionHandler {
    private final int host;
    private final Info info;
    private final byte[] content;
    private final IntPredicate answers;
    private final PeerMessageDecoder decoder =
            new PeerMessageDecoder(Unpooled.buffer().alloc(), new Requests());
    private int handshakeBytes = Handshake.LENGTH;
    private int requests;
    private @Nullable Connection connection;

    /** @param answers whether the {@code n}th request, counted from 1, is answered; otherwise it is forgotten */
    public ScriptedSeed(int host, Info info, byte[] content, IntPredicate answers) {
        this.host = host;
        this.info = info;
        this.content = content;
        this.answers = answers;
    }

    @Override
    public void opened(Connection opened) {
        connection = opened;
        ByteBuf out = Unpooled.buffer();
        PeerId id = PeerId.of(String.format("-SC0001-%012d", host).getBytes(StandardCharsets.US_ASCII));
        new Handshake(info.hash(), id, Capabilities.NONE).encode(out);
        BitSet all = new BitSet();
        all.set(0, info.pieces().count());
        PeerMessages.bitfield(out, all, info.pieces().count());
        PeerMessages.unchoke(out);
        opened.write(out);
        opened.flush();
    }

    @Override
    public void received(ByteBuf bytes) {
        int skipped = Math.min(handshakeBytes, bytes.readableBytes());
        handshakeBytes -= skipped;
        bytes.skipBytes(skipped);
        try {
            decoder.decode(bytes);
        } catch (PeerWireException e) {
            throw new AssertionError(e);
        }
    }

    /** The {@code n}th request has arrived. */
    protected void requested(int n, int piece, int begin, int length) {
        if (answers.test(n)) {
            send(piece, begin, Arrays.copyOfRange(content, offset(piece, begin), offset(piece, begin) + length));
        }
    }

    private int offset(int piece, int begin) {
        return (int) info.pieces().offset(piece) + begin;
    }

    /** Sends a block; each on its own, because the simulated network delivers at once what is flushed at once. */
    protected final void send(int piece, int begin, byte[] block) {
        ByteBuf out = Unpooled.buffer();
        PeerMessages.blockHeader(out, piece, begin, block.length);
        out.writeBytes(block);
        Connection to = Objects.requireNonNull(connection);
        to.write(out);
        to.flush();
    }

    @Override
    public void writabilityChanged() {}

    @Override
    public void closed() {
        decoder.close();
    }

    private final class Requests implements PeerMessageHandler {
        @Override
        public void request(int piece, int begin, int length) {
            requested(++requests, piece, begin, length);
        }

        @Override
        public void block(int piece, int begin, ByteBuf data) {
            data.release();
        }

        @Override
        public void keepAlive() {}

        @Override
        public void choke() {}

        @Override
        public void unchoke() {}

        @Override
        public void interested() {}

        @Override
        public void notInterested() {}

        @Override
        public void have(int piece) {}

        @Override
        public void bitfield(ByteBuf bits) {}

        @Override
        public void cancel(int piece, int begin, int length) {}

        @Override
        public void extended(int id, ByteBuf payload) {}
    }
}
