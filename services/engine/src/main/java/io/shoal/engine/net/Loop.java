package io.shoal.engine.net;

import java.time.Duration;
import java.util.concurrent.Executor;

/** One thread that runs tasks one after the other, and its clock. State that is confined to a loop needs no lock. */
public interface Loop extends Executor {
    /** Runs {@code task} on this loop, soon; may be called from any thread. */
    @Override
    void execute(Runnable task);

    /** Runs {@code task} on this loop once, after {@code delay}. */
    Timer schedule(Duration delay, Runnable task);

    /** Whether the caller is on this loop. */
    boolean isCurrent();

    /** Nanoseconds of a monotonic clock. */
    long nanoTime();

    /** Milliseconds since 1970, which may jump: only for times that are sent to others. */
    long epochMillis();

    /** A scheduled task. */
    interface Timer {
        /** Prevents the task from running, unless it has started. */
        void cancel();
    }
}
