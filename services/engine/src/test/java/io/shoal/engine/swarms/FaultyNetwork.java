package io.shoal.engine.swarms;

import io.netty.buffer.ByteBuf;
import io.shoal.engine.net.Connection;
import io.shoal.engine.net.ConnectionHandler;
import io.shoal.engine.net.Datagrams;
import io.shoal.engine.net.Loop;
import io.shoal.engine.net.Network;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.function.Function;

/** A network in which one call throws {@link #fault}, as if this program had a mistake there. */
final class FaultyNetwork implements Network {
    /** A fault of ours. */
    static AssertionError fault() {
        return new AssertionError("a mistake");
    }

    /** Where the fault is. */
    enum Place {
        CONNECT,
        /** The next reading of the clock. */
        CLOCK,
        /** The end of an outgoing connection, by this side. */
        CLOSE
    }

    private final Network network;
    private final Set<Place> faults = EnumSet.noneOf(Place.class);
    private boolean isClockOurs;

    FaultyNetwork(Network network) {
        this.network = network;
    }

    /** The loops that are used from now on have a clock that can fail. */
    void useFaultyClock() {
        isClockOurs = true;
    }

    /** The next call there fails. */
    void fail(Place place) {
        faults.add(place);
    }

    private void enter(Place place) {
        if (faults.remove(place)) {
            throw fault();
        }
    }

    @Override
    public List<? extends Loop> loops() {
        Loop loop = network.loops().getFirst();
        return List.of(isClockOurs ? new FaultyLoop(loop) : loop);
    }

    @Override
    public void connect(Loop loop, InetSocketAddress remote, ConnectionHandler handler) {
        enter(Place.CONNECT);
        network.connect(loop, remote, new Handler(handler));
    }

    @Override
    public InetSocketAddress listen(InetSocketAddress local, Function<InetSocketAddress, ConnectionHandler> accept)
            throws IOException {
        return network.listen(local, accept);
    }

    @Override
    public Datagrams bind(Loop loop, InetSocketAddress local, Datagrams.Receiver receiver) throws IOException {
        return network.bind(loop, local, receiver);
    }

    @Override
    public void close() {
        network.close();
    }

    private final class FaultyLoop implements Loop {
        private final Loop loop;

        FaultyLoop(Loop loop) {
            this.loop = loop;
        }

        @Override
        public void execute(Runnable task) {
            loop.execute(task);
        }

        @Override
        public Timer schedule(Duration delay, Runnable task) {
            return loop.schedule(delay, task);
        }

        @Override
        public boolean isCurrent() {
            return loop.isCurrent();
        }

        @Override
        public long nanoTime() {
            enter(Place.CLOCK);
            return loop.nanoTime();
        }

        @Override
        public long epochMillis() {
            return loop.epochMillis();
        }
    }

    /** Passes a connection on that can fail. */
    private final class Handler implements ConnectionHandler {
        private final ConnectionHandler handler;

        Handler(ConnectionHandler handler) {
            this.handler = handler;
        }

        @Override
        public void opened(Connection connection) {
            handler.opened(new FaultyConnection(connection));
        }

        @Override
        public void received(ByteBuf bytes) {
            handler.received(bytes);
        }

        @Override
        public void writabilityChanged() {
            handler.writabilityChanged();
        }

        @Override
        public void closed() {
            handler.closed();
        }
    }

    private final class FaultyConnection implements Connection {
        private final Connection connection;

        FaultyConnection(Connection connection) {
            this.connection = connection;
        }

        @Override
        public Loop loop() {
            return connection.loop();
        }

        @Override
        public InetSocketAddress remote() {
            return connection.remote();
        }

        @Override
        public void write(ByteBuf bytes) {
            connection.write(bytes);
        }

        @Override
        public void flush() {
            connection.flush();
        }

        @Override
        public boolean isWritable() {
            return connection.isWritable();
        }

        @Override
        public void setReading(boolean reading) {
            connection.setReading(reading);
        }

        @Override
        public void setReadSize(int most) {
            connection.setReadSize(most);
        }

        @Override
        public void moveTo(Loop loop, ConnectionHandler next) {
            connection.moveTo(loop, new Handler(next));
        }

        @Override
        public void close() {
            enter(Place.CLOSE);
            connection.close();
        }
    }
}
