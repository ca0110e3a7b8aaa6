package io.shoal.engine.swarms;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.shoal.engine.net.Connection;
import io.shoal.engine.net.ConnectionHandler;
import io.shoal.engine.net.Loop;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.Objects;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * One end of a simulated connection.
 *
 * <p>Invariant: bytes arrive in the order in which they were sent, at the speed of the two lines, and before the end of
 * the stream; what a receiver does not read fills the sender's queue.
 */
final class SimulatedConnection implements Connection {
    private static final int HIGH_WATER = 512 << 10;

    /** Bytes that a line carries at once. */
    private static final int CHUNK = 64 << 10;

    /** How long the sender of a lost chunk waits before it sends the chunk again: the shortest time-out of systems. */
    private static final Duration RETRANSMISSION = Duration.ofMillis(200);

    private final Wire wire;
    private final SimulatedHost host;
    private final InetSocketAddress remote;
    private final Deque<byte[]> arrived = new ArrayDeque<>();
    private ConnectionHandler handler;
    private ByteBuf written = Unpooled.buffer();
    private int queued;
    private boolean full;
    private boolean reading = true;
    private int readSize = Integer.MAX_VALUE;
    private boolean closed;

    /** When the last of the bytes that were sent arrives at the other line: later ones do not overtake them. */
    private long lastArrival;

    SimulatedConnection(Wire wire, SimulatedHost host, InetSocketAddress remote, ConnectionHandler handler) {
        this.wire = wire;
        this.host = host;
        this.remote = remote;
        this.handler = handler;
    }

    /** What is between the two ends. */
    static final class Wire {
        private final Simulation simulation;
        private final Duration latency;
        private final Deque<Runnable> held = new ArrayDeque<>();
        private @Nullable SimulatedConnection dialler;
        private @Nullable SimulatedConnection listener;

        Wire(Simulation simulation, Duration latency) {
            this.simulation = simulation;
            this.latency = latency;
        }

        void open(SimulatedConnection from, SimulatedConnection to) {
            dialler = from;
            listener = to;
            to.handler.opened(to);
            from.handler.opened(from);
        }

        private SimulatedConnection dialler() {
            return Objects.requireNonNull(dialler);
        }

        private SimulatedConnection listener() {
            return Objects.requireNonNull(listener);
        }

        SimulatedConnection other(SimulatedConnection end) {
            return end == dialler ? listener() : dialler();
        }

        boolean isClosed() {
            return dialler().closed && listener().closed;
        }

        boolean joins(SimulatedHost host) {
            return dialler().host == host || listener().host == host;
        }

        void tear() {
            dialler().close();
            listener().close();
        }

        private boolean isCut() {
            return dialler().host.isCut() || listener().host.isCut();
        }

        /** Carries so many bytes from {@code from} to the other end; {@code arrival} runs there. */
        void carry(SimulatedConnection from, int bytes, Runnable arrival) {
            long arrives = from.host.up.pass(simulation.now(), bytes) + latency.toNanos() + resent(bytes);
            from.lastArrival = Math.max(from.lastArrival, arrives);
            simulation.at(from.lastArrival, () -> {
                if (isCut()) {
                    held.add(arrival);
                } else {
                    simulation.at(other(from).host.down.pass(simulation.now(), bytes), arrival);
                }
            });
        }

        /** Returns how much later bytes arrive because the lines have lost them. */
        private long resent(int bytes) {
            double loss = Math.max(dialler().host.loss(), listener().host.loss());
            long later = 0;
            for (long wait = RETRANSMISSION.toNanos();
                    loss > 0 && bytes > 0 && simulation.random.nextDouble() < loss;
                    wait *= 2) {
                later += wait;
            }
            return later;
        }

        void deliverHeld() {
            while (!held.isEmpty() && !isCut()) {
                held.remove().run();
            }
        }
    }

    @Override
    public Loop loop() {
        return host.loop();
    }

    @Override
    public InetSocketAddress remote() {
        return remote;
    }

    @Override
    public void write(ByteBuf bytes) {
        if (!closed) {
            queued += bytes.readableBytes();
            full |= queued >= HIGH_WATER;
            written.writeBytes(bytes);
        }
        bytes.release();
    }

    @Override
    public void flush() {
        while (!closed && written.isReadable()) {
            byte[] sent = ByteBufUtil.getBytes(written.readSlice(Math.min(CHUNK, written.readableBytes())));
            host.countSent(sent.length);
            wire.carry(this, sent.length, () -> wire.other(this).arrive(sent));
        }
        written = Unpooled.buffer();
    }

    private void arrive(byte[] bytes) {
        if (!closed) {
            arrived.add(bytes);
            read();
        }
    }

    private void read() {
        while (reading && !closed && !arrived.isEmpty()) {
            byte[] bytes = Objects.requireNonNull(arrived.poll());
            if (bytes.length > readSize) {
                arrived.addFirst(Arrays.copyOfRange(bytes, readSize, bytes.length));
                bytes = Arrays.copyOf(bytes, readSize);
            }
            CRC32C digest = new CRC32C();
            digest.update(bytes);
            wire.simulation.note(digest.getValue());
            wire.other(this).acknowledge(bytes.length);
            handler.received(Unpooled.wrappedBuffer(bytes));
        }
    }

    /** The other end has read so many bytes. */
    private void acknowledge(int bytes) {
        queued -= bytes;
        if (full && queued < HIGH_WATER) {
            full = false;
            host.loop().execute(() -> {
                if (!closed) {
                    handler.writabilityChanged();
                }
            });
        }
    }

    @Override
    public boolean isWritable() {
        return queued < HIGH_WATER;
    }

    @Override
    public void setReading(boolean reading) {
        this.reading = reading;
        if (reading) {
            host.loop().execute(this::read);
        }
    }

    @Override
    public void setReadSize(int most) {
        readSize = most;
    }

    @Override
    public void moveTo(Loop loop, ConnectionHandler next) {
        handler = next;
        next.opened(this);
    }

    @Override
    public void close() {
        if (!closed) {
            flush(); // bytes written before are delivered, as over a socket
            closed = true;
            host.loop().execute(() -> handler.closed());
            wire.carry(this, 0, () -> wire.other(this).close());
        }
    }
}
