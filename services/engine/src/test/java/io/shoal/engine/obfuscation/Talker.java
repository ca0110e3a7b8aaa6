package io.shoal.engine.obfuscation;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.shoal.bittorrent.wire.Handshake;
import io.shoal.engine.net.Connection;
import io.shoal.engine.net.ConnectionHandler;
import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** One side of a conversation as a peer has it: a handshake of 68 bytes, after which the connection is moved to another handler, and then content. */
final class Talker implements ConnectionHandler {
    private final boolean dials;
    private final byte[] handshake;
    private final byte[] content;
    private final ByteBuf collected = Unpooled.buffer();
    private @Nullable Connection connection;
    private boolean handedOver;

    /** What the other side has sent after its handshake. */
    final ByteBuf received = Unpooled.buffer();

    /** The handshake of the other side. */
    byte[] greeting = {};

    int opened;
    int closed;

    Talker(boolean dials, byte[] handshake, byte[] content) {
        this.dials = dials;
        this.handshake = handshake;
        this.content = content;
    }

    boolean isEncrypted() {
        return Objects.requireNonNull(connection).isEncrypted();
    }

    byte[] heard() {
        return ByteBufUtil.getBytes(received);
    }

    @Override
    public void opened(Connection to) {
        opened++;
        connection = to;
        if (dials) {
            to.write(Unpooled.wrappedBuffer(handshake));
            to.flush();
        }
    }

    @Override
    public void received(ByteBuf bytes) {
        if (handedOver) {
            return; // as a handler that has passed the connection on
        }
        collected.writeBytes(bytes, Math.min(bytes.readableBytes(), Handshake.LENGTH - collected.readableBytes()));
        if (collected.readableBytes() == Handshake.LENGTH) {
            handedOver = true;
            greeting = ByteBufUtil.getBytes(collected);
            Connection to = Objects.requireNonNull(connection);
            to.moveTo(to.loop(), new Content(bytes.readRetainedSlice(bytes.readableBytes())));
        }
    }

    @Override
    public void writabilityChanged() {}

    @Override
    public void closed() {
        closed++;
    }

    private final class Content implements ConnectionHandler {
        private final ByteBuf early;

        Content(ByteBuf early) {
            this.early = early;
        }

        @Override
        public void opened(Connection to) {
            opened++;
            connection = to;
            if (!dials) {
                to.write(Unpooled.wrappedBuffer(handshake));
            }
            for (int from = 0; from < content.length; from += 16 << 10) {
                byte[] part = Arrays.copyOfRange(content, from, Math.min(content.length, from + (16 << 10)));
                to.write(Unpooled.wrappedBuffer(part).asReadOnly()); // as what is sent from a cache
            }
            to.flush();
            received.writeBytes(early);
            early.release();
        }

        @Override
        public void received(ByteBuf bytes) {
            received.writeBytes(bytes);
        }

        @Override
        public void writabilityChanged() {}

        @Override
        public void closed() {
            closed++;
        }
    }
}
