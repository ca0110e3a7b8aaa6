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
final class Simulation {
    private static final long EPOCH_MILLIS = 1_800_000_000_000L;

    final SplittableRandom random;
    final Loop loop = new SimulatedLoop();

    /** Work of other threads: done a little later. */
    final Executor workers = task -> after(Duration.ofNanos(nextNanos(Duration.ofMillis(3))), task);

    private final PriorityQueue<Event> events = new PriorityQueue<>();
    private long now;
    private long sequence;
    private long trace = 17;

    private record Event(long at, long sequence, Runnable task) implements Comparable<Event> {
        @Override
        public int compareTo(Event other) {
            return at != other.at ? Long.compare(at, other.at) : Long.compare(sequence, other.sequence);
        }
    }

    Simulation(long seed) {
        random = new SplittableRandom(seed);
    }

    Loop.Timer after(Duration delay, Runnable task) {
        Event event = new Event(now + delay.toNanos(), sequence++, task);
        events.add(event);
        return () -> events.remove(event);
    }

    long nextNanos(Duration below) {
        return random.nextLong(below.toNanos());
    }

    long now() {
        return now;
    }

    /** Adds to the trace. */
    void note(long what) {
        trace = trace * 1_000_003 + what;
        trace = trace * 1_000_003 + now;
    }

    long trace() {
        return trace;
    }

    /** Lets things happen until {@code done}, or until so much time has passed. @return whether it was done */
    boolean run(Duration atMost, BooleanSupplier done) {
        long end = now + atMost.toNanos();
        while (!done.getAsBoolean()) {
            @Nullable Event next = events.peek();
            if (next == null || next.at > end) {
                now = end;
                return false;
            }
            events.remove();
            now = next.at;
            next.task.run();
        }
        return true;
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
            return EPOCH_MILLIS + now / 1_000_000;
        }
    }
}
