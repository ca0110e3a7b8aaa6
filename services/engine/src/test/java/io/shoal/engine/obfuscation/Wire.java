package io.shoal.engine.obfuscation;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.shoal.engine.net.Connection;
import io.shoal.engine.net.ConnectionHandler;
import io.shoal.engine.net.Loop;
import io.shoal.engine.net.ManualLoop;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Objects;
import java.util.function.Function;
import java.util.function.IntSupplier;
import org.jspecify.annotations.Nullable;

/** A connection whose two ends are in the test, which decides in what parts bytes arrive, and keeps all that went over it. */
final class Wire {
    final ManualLoop loop = new ManualLoop();
    final End dialler = new End();
    final End listener = new End();
    private final Function<byte[], ByteBuf> form;

    /** @param form makes the buffer of bytes that arrive */
    Wire(Function<byte[], ByteBuf> form) {
        this.form = form;
    }

    Wire() {
        this(Unpooled::wrappedBuffer);
    }

    void open(ConnectionHandler dialling, ConnectionHandler listening) {
        listener.handler = listening;
        dialler.handler = dialling;
        listening.opened(listener);
        dialling.opened(dialler);
    }

    /** Carries what is written, in parts of so many bytes, until both sides are silent. */
    void run(IntSupplier part) {
        boolean moved;
        do {
            loop.turn(Duration.ZERO);
            moved = dialler.carry(listener, part);
            moved |= listener.carry(dialler, part);
        } while (moved);
        loop.turn(Duration.ZERO);
    }

    final class End implements Connection {
        /** All that this end has sent. */
        final ByteBuf sent = Unpooled.buffer();

        boolean closed;
        private int carried;
        private @Nullable ConnectionHandler handler;

        private ConnectionHandler handler() {
            return Objects.requireNonNull(handler);
        }

        private boolean carry(End to, IntSupplier part) {
            int length = Math.min(part.getAsInt(), sent.writerIndex() - carried);
            if (length == 0 || to.closed) {
                return false;
            }
            ByteBuf bytes = form.apply(ByteBufUtil.getBytes(sent, carried, length));
            carried += length;
            try {
                to.handler().received(bytes);
            } finally {
                bytes.release();
            }
            return true;
        }

        /** What this end has sent, as Latin 1. */
        String text() {
            return sent.toString(java.nio.charset.StandardCharsets.ISO_8859_1);
        }

        @Override
        public Loop loop() {
            return loop;
        }

        @Override
        public InetSocketAddress remote() {
            return new InetSocketAddress("192.0.2.1", 6881);
        }

        @Override
        public void write(ByteBuf bytes) {
            if (!closed) {
                sent.writeBytes(bytes);
            }
            bytes.release();
        }

        @Override
        public void flush() {}

        @Override
        public boolean isWritable() {
            return true;
        }

        @Override
        public void setReading(boolean reading) {}

        @Override
        public void setReadSize(int most) {}

        @Override
        public void moveTo(Loop to, ConnectionHandler next) {
            handler = next;
            next.opened(this);
        }

        @Override
        public void close() {
            if (!closed) {
                closed = true;
                loop.execute(() -> handler().closed());
                End other = this == dialler ? listener : dialler;
                loop.execute(other::close);
            }
        }
    }
}
