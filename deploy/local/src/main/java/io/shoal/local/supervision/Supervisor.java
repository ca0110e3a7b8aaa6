package io.shoal.local.supervision;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * The children of one launcher: started in order, stopped in waves in the opposite order.
 *
 * <p>{@link #stop} always ends: it needs no thread but the caller's, takes no lock that is held during a start, and kills what
 * has not ended when its wave's grace is over. So it takes at most the sum of the graces and {@link #KILLED} a wave.
 */
public final class Supervisor {
    /** How long the kernel may take to end processes that were killed. */
    private static final Duration KILLED = Duration.ofSeconds(2);

    private final List<Wave> waves = new ArrayList<>();
    private boolean stopped;

    /**
     * Children that are stopped together.
     *
     * @param grace how long they may take to end after SIGTERM, before SIGKILL
     */
    public record Wave(List<Child> children, Duration grace) {
        public Wave {
            children = List.copyOf(children);
        }
    }

    /**
     * Starts the children of all {@code added} waves at once; returns when each is ready. The last wave is the first to be
     * stopped.
     *
     * @throws IOException if a child does not become ready within {@code timeout}, or {@link #stop} was called
     */
    public void start(List<Wave> added, Duration timeout) throws IOException, InterruptedException {
        List<Child> children =
                added.stream().flatMap(wave -> wave.children().stream()).toList();
        synchronized (this) {
            requireNotStopped();
            waves.addAll(added);
        }
        for (Child child : children) {
            requireNotStopped();
            child.start();
        }
        for (Child child : children) {
            child.awaitReady(timeout);
        }
    }

    /** All children, in the order in which they were started. */
    public synchronized List<Child> children() {
        return waves.stream().flatMap(wave -> wave.children().stream()).toList();
    }

    /** Stops all children; none starts afterwards. An interrupt cuts every grace short. */
    public void stop() {
        for (Wave wave : lastFirst()) {
            end(wave.children(), wave.grace(), Child::retire);
        }
    }

    /** Has all {@code children} asked to end, and kills those that have not after {@code grace}, or at an interrupt. */
    static void end(List<Child> children, Duration grace, Consumer<Child> ask) {
        children.forEach(ask);
        if (!awaitEnd(children, grace)) {
            children.forEach(Child::kill);
            awaitEnd(children, KILLED);
        }
    }

    /** Returns whether all have ended before {@code limit}. */
    private static boolean awaitEnd(List<Child> children, Duration limit) {
        long deadline = System.nanoTime() + limit.toNanos();
        try {
            boolean all = true;
            for (Child child : children) {
                all &= child.awaitEnd(deadline - System.nanoTime(), TimeUnit.NANOSECONDS);
            }
            return all;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    private synchronized List<Wave> lastFirst() {
        stopped = true;
        return List.copyOf(waves.reversed());
    }

    private synchronized void requireNotStopped() throws IOException {
        if (stopped) {
            throw new IOException("stopped before everything was started");
        }
    }
}
