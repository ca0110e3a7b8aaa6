package io.shoal.engine.swarms;

import io.shoal.engine.net.Loop;
import java.time.Duration;
import java.util.PriorityQueue;
import java.util.SplittableRandom;
import java.util.concurrent.Executor;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * A simulation in one thread whose clock advances only with its events. All random choices come from one seed, which
 * identifies a run; {@link #trace} is a digest of all that was noted on the way.
 */
public final class Simulation {
    /** Cancelled events that may stay in the queue, whatever its length. */
    private static final int CANCELLED_MIN = 1024;

    private static final long EPOCH_MILLIS = 1_800_000_000_000L;

    public final SplittableRandom random;
    public final Loop loop = new SimulatedLoop();

    /** Work of other threads: done a little later. */
    public final Executor workers = task -> after(Duration.ofNanos(nextNanos(Duration.ofMillis(3))), task);

    private final PriorityQueue<Event> events = new PriorityQueue<>();
    private int cancelled;
    private long now;
    private long sequence;
    private long trace = 17;

    private final class Event implements Comparable<Event>, Loop.Timer {
        private final long at;
        private final long number = sequence++;
        private @Nullable Runnable task;

        Event(long at, Runnable task) {
            this.at = at;
            this.task = task;
        }

        @Override
        public int compareTo(Event other) {
            return at != other.at ? Long.compare(at, other.at) : Long.compare(number, other.number);
        }

        /** Only marks it: finding it in the queue would take time in proportion to its length. */
        @Override
        public void cancel() {
            if (task != null) {
                task = null;
                if (++cancelled > CANCELLED_MIN && cancelled > events.size() / 2) {
                    events.removeIf(event -> event.task == null);
                    cancelled = 0;
                }
            }
        }
    }

    public Simulation(long seed) {
        random = new SplittableRandom(seed);
    }

    public Loop.Timer after(Duration delay, Runnable task) {
        return at(now + delay.toNanos(), task);
    }

    /** Runs {@code task} at a time that has not passed. */
    Loop.Timer at(long time, Runnable task) {
        Event event = new Event(Math.max(now, time), task);
        events.add(event);
        return event;
    }

    public long nextNanos(Duration below) {
        return random.nextLong(below.toNanos());
    }

    /** Nanoseconds since the simulation began. */
    public long now() {
        return now;
    }

    /** Adds to the trace. */
    public void note(long what) {
        trace = trace * 1_000_003 + what;
        trace = trace * 1_000_003 + now;
    }

    public long trace() {
        return trace;
    }

    /** Lets things happen until {@code done}, or until so much time has passed. @return whether it was done */
    public boolean run(Duration atMost, BooleanSupplier done) {
        long end = now + atMost.toNanos();
        while (!done.getAsBoolean()) {
            @Nullable Event next = events.peek();
            if (next == null || next.at > end) {
                now = end;
                return false;
            }
            events.remove();
            Runnable task = next.task;
            if (task == null) {
                cancelled--;
                continue;
            }
            next.task = null;
            now = next.at;
            task.run();
        }
        return true;
    }

    /** Milliseconds since 1970 on the simulated clock. */
    public long epochMillis() {
        return EPOCH_MILLIS + now / 1_000_000;
    }

    private final class SimulatedLoop implements Loop {
        @Override
        public void execute(Runnable task) {
            schedule(Duration.ZERO, task);
        }

        @Override
        public Timer schedule(Duration delay, Runnable task) {
            return after(delay, task);
        }

        @Override
        public boolean isCurrent() {
            return true;
        }

        @Override
        public long nanoTime() {
            return now;
        }

        @Override
        public long epochMillis() {
            return Simulation.this.epochMillis();
        }
    }
}
