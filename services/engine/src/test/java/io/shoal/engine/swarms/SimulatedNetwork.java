package io.shoal.engine.swarms;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.shoal.bittorrent.PeerId;
import io.shoal.engine.EngineConfig;
import io.shoal.engine.announce.TrackerClient;
import io.shoal.engine.net.Connection;
import io.shoal.engine.net.ConnectionHandler;
import io.shoal.engine.net.Datagrams;
import io.shoal.engine.net.Loop;
import io.shoal.engine.net.Network;
import io.shoal.engine.net.SimulatedDatagrams;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;

/** The connections between hosts of a {@link Simulation}: with latency, limited speed, and occasional breaks. */
final class SimulatedNetwork {
    private static final int HIGH_WATER = 512 << 10;
    private static final int PORT = 6881;

    /** None can be reached. */
    static final TrackerClient NO_TRACKERS = (url, request, loop, done) ->
            loop.execute(() -> done.accept(TrackerClient.Failed.of(TrackerClient.Codes.UNREACHABLE)));

    /** Between the hosts. */
    final SimulatedDatagrams datagrams;

    private final Simulation simulation;
    private final Map<InetSocketAddress, Function<InetSocketAddress, ConnectionHandler>> listeners = new HashMap<>();
    private final List<Wire> wires = new ArrayList<>();
    private int nextPort = 40_000;

    SimulatedNetwork(Simulation simulation) {
        this.simulation = simulation;
        this.datagrams = new SimulatedDatagrams(simulation.loop, simulation.random);
    }

    static InetSocketAddress address(int host) {
        return address(host, 0);
    }

    /** The address of one of the ports of {@code host}, counted from 0. */
    static InetSocketAddress address(int host, int port) {
        return new InetSocketAddress(ip(host), PORT + port);
    }

    /** The id of {@code host} in every swarm. */
    static PeerId peerId(int host) {
        return PeerId.of(String.format("-SH0001-%012d", host).getBytes(StandardCharsets.US_ASCII));
    }

    /** An engine of {@code host}, whose line carries so many bytes per second in each direction; no tracker answers it. */
    Engine engine(int host, long bytesPerSecond) throws IOException {
        return new Engine(
                new EngineConfig(List.of(address(host)), null, address -> false, 0, 0),
                of(host, bytesPerSecond),
                address -> true,
                NO_TRACKERS,
                simulation.workers,
                simulation.random.split());
    }

    private static InetAddress ip(int host) {
        try {
            return InetAddress.getByAddress(new byte[] {10, 0, 0, (byte) host});
        } catch (UnknownHostException e) {
            throw new AssertionError(e);
        }
    }

    /** Tears one of the open connections. */
    void tearOne() {
        wires.removeIf(wire -> wire.dialler.closed);
        if (!wires.isEmpty()) {
            wires.get(simulation.random.nextInt(wires.size())).dialler.close();
        }
    }

    /** The network as {@code host} sees it, whose line carries so many bytes per second in each direction. */
    Network of(int host, long bytesPerSecond) {
        return new Network() {
            @Override
            public List<? extends Loop> loops() {
                return List.of(simulation.loop);
            }

            @Override
            public void connect(Loop loop, InetSocketAddress remote, ConnectionHandler handler) {
                InetSocketAddress local = new InetSocketAddress(ip(host), nextPort++);
                Duration latency = Duration.ofNanos(1_000_000 + simulation.nextNanos(Duration.ofMillis(60)));
                simulation.after(latency, () -> {
                    Function<InetSocketAddress, ConnectionHandler> accept = listeners.get(remote);
                    if (accept == null) {
                        handler.closed();
                        return;
                    }
                    Wire wire = new Wire(latency, bytesPerSecond, local, remote, handler, accept.apply(local));
                    wires.add(wire);
                    wire.open();
                });
            }

            @Override
            public InetSocketAddress listen(
                    InetSocketAddress local, Function<InetSocketAddress, ConnectionHandler> accept) {
                listeners.put(local, accept);
                return local;
            }

            @Override
            public Datagrams bind(Loop loop, InetSocketAddress local, Datagrams.Receiver receiver) throws IOException {
                return datagrams.bind(loop, local, receiver);
            }

            @Override
            public void close() {
                // it ends with the simulation
            }
        };
    }

    private final class Wire {
        final Duration latency;
        final long bytesPerSecond;
        final End dialler;
        final End listener;

        Wire(
                Duration latency,
                long bytesPerSecond,
                InetSocketAddress from,
                InetSocketAddress to,
                ConnectionHandler dialling,
                ConnectionHandler listening) {
            this.latency = latency;
            this.bytesPerSecond = bytesPerSecond;
            this.dialler = new End(this, to, dialling);
            this.listener = new End(this, from, listening);
        }

        void open() {
            listener.handler.opened(listener);
            dialler.handler.opened(dialler);
        }

        End other(End end) {
            return end == dialler ? listener : dialler;
        }
    }

    /** One end of a connection. */
    private final class End implements Connection {
        private final Wire wire;
        private final InetSocketAddress remote;
        private final Deque<byte[]> arrived = new ArrayDeque<>();
        private ConnectionHandler handler;
        private ByteBuf written = Unpooled.buffer();
        private int queued;
        private long lineFreeAt;
        private boolean reading = true;
        private int readSize = Integer.MAX_VALUE;
        private boolean closed;

        End(Wire wire, InetSocketAddress remote, ConnectionHandler handler) {
            this.wire = wire;
            this.remote = remote;
            this.handler = handler;
        }

        @Override
        public Loop loop() {
            return simulation.loop;
        }

        @Override
        public InetSocketAddress remote() {
            return remote;
        }

        @Override
        public void write(ByteBuf bytes) {
            queued += bytes.readableBytes();
            written.writeBytes(bytes);
            bytes.release();
        }

        @Override
        public void flush() {
            if (closed || !written.isReadable()) {
                return;
            }
            byte[] sent = ByteBufUtil.getBytes(written);
            written = Unpooled.buffer();
            lineFreeAt = Math.max(lineFreeAt, simulation.now()) + sent.length * 1_000_000_000L / wire.bytesPerSecond;
            Duration delay = Duration.ofNanos(lineFreeAt - simulation.now()).plus(wire.latency);
            simulation.after(delay, () -> {
                boolean wasFull = !isWritable();
                queued -= sent.length;
                wire.other(this).arrive(sent);
                if (wasFull && isWritable() && !closed) {
                    handler.writabilityChanged();
                }
            });
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
                simulation.note(Arrays.hashCode(bytes));
                handler.received(Unpooled.wrappedBuffer(bytes));
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
                simulation.after(Duration.ZERO, this::read);
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
                closed = true;
                simulation.after(Duration.ZERO, () -> handler.closed());
                simulation.after(wire.latency, () -> wire.other(this).close());
            }
        }
    }
}
