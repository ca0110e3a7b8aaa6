package io.shoal.engine.net;

import java.time.Duration;
import java.util.concurrent.Executor;

/** One thread that runs tasks one after the other, and its clock. What is confined to a loop needs no lock. */
public interface Loop extends Executor {
    /** Runs {@code task} on this loop, soon; may be called from anywhere. */
    @Override
    void execute(Runnable task);

    /** Runs {@code task} on this loop once, after {@code delay}. */
    Timer schedule(Duration delay, Runnable task);

    /** Whether the caller is on this loop. */
    boolean isCurrent();

    /** Nanoseconds of a clock that never goes back. */
    long nanoTime();

    /** Milliseconds since 1970, which may jump: only for times that others are told. */
    long epochMillis();

    /** A task that waits for its time. */
    interface Timer {
        /** It will not run, unless it has begun. */
        void cancel();
    }
}
