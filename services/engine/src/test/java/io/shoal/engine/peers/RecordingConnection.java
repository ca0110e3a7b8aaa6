package io.shoal.engine.peers;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.shoal.bittorrent.wire.PeerMessageDecoder;
import io.shoal.bittorrent.wire.PeerMessageHandler;
import io.shoal.bittorrent.wire.PeerWireException;
import io.shoal.engine.net.Connection;
import io.shoal.engine.net.ConnectionHandler;
import io.shoal.engine.net.Loop;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;

/** A connection whose other end is the test: records what is sent as messages. */
final class RecordingConnection implements Connection {
    final List<String> sent = new ArrayList<>();
    boolean writable = true;
    boolean closed;
    private final Loop loop;
    private final InetSocketAddress remote = new InetSocketAddress("192.0.2.1", 6881);
    private final PeerMessageDecoder decoder =
            new PeerMessageDecoder(Unpooled.buffer().alloc(), new Written());

    RecordingConnection(Loop loop) {
        this.loop = loop;
    }

    @Override
    public Loop loop() {
        return loop;
    }

    @Override
    public InetSocketAddress remote() {
        return remote;
    }

    @Override
    public void write(ByteBuf bytes) {
        try {
            decoder.decode(bytes);
        } catch (PeerWireException e) {
            throw new AssertionError(e);
        } finally {
            bytes.release();
        }
    }

    @Override
    public void flush() {}

    @Override
    public boolean isWritable() {
        return writable;
    }

    @Override
    public void setReading(boolean reading) {}

    @Override
    public void setReadSize(int most) {}

    @Override
    public void moveTo(Loop to, ConnectionHandler handler) {
        throw new AssertionError("the handler of this connection is the test, and stays it");
    }

    @Override
    public void close() {
        closed = true;
    }

    private final class Written implements PeerMessageHandler {
        @Override
        public void keepAlive() {
            sent.add("keep-alive");
        }

        @Override
        public void choke() {
            sent.add("choke");
        }

        @Override
        public void unchoke() {
            sent.add("unchoke");
        }

        @Override
        public void interested() {
            sent.add("interested");
        }

        @Override
        public void notInterested() {
            sent.add("not interested");
        }

        @Override
        public void have(int piece) {
            sent.add("have " + piece);
        }

        @Override
        public void bitfield(ByteBuf bits) {
            sent.add("bitfield");
        }

        @Override
        public void request(int piece, int begin, int length) {
            sent.add("request %d %d".formatted(piece, begin));
        }

        @Override
        public void cancel(int piece, int begin, int length) {
            sent.add("cancel %d %d".formatted(piece, begin));
        }

        @Override
        public void block(int piece, int begin, ByteBuf data) {
            sent.add("block %d %d %d".formatted(piece, begin, data.readableBytes()));
            data.release();
        }

        @Override
        public void extended(int id, ByteBuf payload) {
            sent.add("extended " + id);
        }
    }
}
