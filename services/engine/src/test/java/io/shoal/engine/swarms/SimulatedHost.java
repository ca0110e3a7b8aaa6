package io.shoal.engine.swarms;

import io.shoal.engine.net.Loop;
import java.net.InetAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;

/**
 * A host of a {@link SimulatedNetwork}, with one line that all its connections share and one process.
 *
 * <p>Invariant: once the process is killed, none of its tasks runs any more, whatever it had scheduled.
 */
public final class SimulatedHost {
    static final long UNLIMITED = Long.MAX_VALUE;

    private final Simulation simulation;
    private final InetAddress address;
    private final Loop loop = new HostLoop();
    final Line up = new Line();
    final Line down = new Line();
    private Duration delay = Duration.ZERO;
    private double loss;
    private boolean cut;
    private boolean killed;
    private boolean frozen;
    private final List<Runnable> held = new ArrayList<>();
    private long sent;

    /** One direction of the line: bytes leave it one after the other. */
    static final class Line {
        private long bytesPerSecond = UNLIMITED;
        private long freeAt;

        /** Returns when so many bytes that come now have left it. */
        long pass(long now, int bytes) {
            long begin = Math.max(now, freeAt);
            freeAt = bytesPerSecond == UNLIMITED ? begin : begin + bytes * 1_000_000_000L / bytesPerSecond;
            return freeAt;
        }
    }

    SimulatedHost(Simulation simulation, InetAddress address) {
        this.simulation = simulation;
        this.address = address;
    }

    public InetAddress address() {
        return address;
    }

    /** Sets what the line carries in each direction, in bytes per second. */
    public SimulatedHost rate(long upRate, long downRate) {
        up.bytesPerSecond = upRate;
        down.bytesPerSecond = downRate;
        return this;
    }

    /** Returns what the line sends, in bytes per second. */
    public long upRate() {
        return up.bytesPerSecond;
    }

    /** Sets what the line adds to the latency of each connection. */
    public SimulatedHost delay(Duration added) {
        delay = added;
        return this;
    }

    Duration delay() {
        return delay;
    }

    /**
     * Sets the share of chunks, from 0 to 1, that each connection of the host loses and sends again after a time-out, as
     * TCP does.
     */
    public SimulatedHost loss(double share) {
        loss = share;
        return this;
    }

    double loss() {
        return loss;
    }

    boolean isCut() {
        return cut;
    }

    void setCut(boolean cut) {
        this.cut = cut;
    }

    public boolean isKilled() {
        return killed;
    }

    void setKilled() {
        killed = true;
    }

    /** Bytes that its connections have sent. */
    public long sent() {
        return sent;
    }

    void countSent(int bytes) {
        sent += bytes;
    }

    /** The loop of the process. */
    public Loop loop() {
        return loop;
    }

    /** The other threads of the process: they do their work a little later. */
    public Executor workers() {
        return task -> simulation.workers.execute(unlessKilled(task));
    }

    private Runnable unlessKilled(Runnable task) {
        return () -> {
            if (frozen && !killed) {
                held.add(unlessKilled(task));
            } else if (!killed) {
                task.run();
            }
        };
    }

    /** The process stands still, and its clock does not: what is due meanwhile is done when it is thawed. */
    public void freeze() {
        frozen = true;
    }

    /** The process continues. */
    public void thaw() {
        frozen = false;
        held.forEach(simulation.loop::execute);
        held.clear();
    }

    private final class HostLoop implements Loop {
        @Override
        public void execute(Runnable task) {
            simulation.loop.execute(unlessKilled(task));
        }

        @Override
        public Timer schedule(Duration after, Runnable task) {
            return simulation.after(after, unlessKilled(task));
        }

        @Override
        public boolean isCurrent() {
            return true;
        }

        @Override
        public long nanoTime() {
            return simulation.now();
        }

        @Override
        public long epochMillis() {
            return simulation.epochMillis();
        }
    }
}
