package io.shoal.engine.session;

import io.shoal.engine.net.Connection;
import io.shoal.engine.net.ConnectionHandler;
import io.shoal.engine.net.DirectConnection;
import io.shoal.engine.net.Loop;
import io.shoal.engine.net.Network;
import io.shoal.engine.webseeds.RangeClient;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A torrent's loop, whose tasks are guarded: whatever a task throws is a fault of ours, and is passed on with its cause
 * instead of silently ending the one task.
 *
 * <p>Invariant: the loop itself is passed only to the network and to the client of web servers, whose connections are on it. A fault while received bytes
 * are handled ends that connection only, and the network logs it: a peer chooses these bytes, and must not be able to
 * end a torrent.
 */
final class GuardedLoop implements Loop {
    /** The close reason of a connection at whose beginning there was a fault. */
    static final String FAULT = "a fault of ours";

    private final Loop loop;
    private final Consumer<Throwable> onFailure;

    GuardedLoop(Loop loop, Consumer<Throwable> onFailure) {
        this.loop = loop;
        this.onFailure = onFailure;
    }

    @Override
    public void execute(Runnable task) {
        loop.execute(() -> run(task));
    }

    @Override
    public Timer schedule(Duration delay, Runnable task) {
        return loop.schedule(delay, () -> run(task));
    }

    /** Runs {@code task} now. @return false after a fault */
    boolean run(Runnable task) {
        try {
            task.run();
            return true;
        } catch (Throwable e) {
            onFailure.accept(e);
            return false;
        }
    }

    /** Returns the result of {@code task}, which runs now; null after a fault. */
    <T> @Nullable T get(Supplier<@Nullable T> task) {
        try {
            return task.get();
        } catch (Throwable e) {
            onFailure.accept(e);
            return null;
        }
    }

    /** Connects to {@code remote}, with the connection on this loop. */
    void connect(Network network, InetSocketAddress remote, ConnectionHandler handler) {
        network.connect(loop, remote, handler);
    }

    /** Returns what sends requests to a web server, with its connections on this loop. */
    RangeClient.Requests open(RangeClient client) {
        return client.open(loop);
    }

    /** Makes {@code handler} the handler of a connection of the network, on this loop. */
    void adopt(Connection connection, ConnectionHandler handler) {
        connection.moveTo(loop, handler);
    }

    /** Returns this side's end of a connection within the process, all of whose calls are guarded. */
    DirectConnection.End end(InetSocketAddress address, ConnectionHandler handler) {
        return new DirectConnection.End(this, address, handler);
    }

    @Override
    public boolean isCurrent() {
        return loop.isCurrent();
    }

    @Override
    public long nanoTime() {
        return loop.nanoTime();
    }

    @Override
    public long epochMillis() {
        return loop.epochMillis();
    }
}
