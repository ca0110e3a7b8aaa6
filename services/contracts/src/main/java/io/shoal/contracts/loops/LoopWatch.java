package io.shoal.contracts.loops;

import java.time.Duration;
import java.util.function.Consumer;
import java.util.function.LongSupplier;

/**
 * Tells liveness whether a loop goes on. A loop reports each turn and each attempt to reach what it needs; one that has reported
 * nothing for {@link #SILENCE}, or whose thread ended without having been told to, is dead. Before its start and after its regular
 * end it counts as alive. Safe for all threads.
 */
public final class LoopWatch {
    /** The longest time that a loop which goes on is silent. */
    public static final Duration SILENCE = Duration.ofSeconds(60);

    private enum Phase {
        IDLE,
        RUNNING,
        DEAD
    }

    private final LongSupplier nanos;
    private volatile Phase phase = Phase.IDLE;
    private volatile long turnedAt;

    public LoopWatch() {
        this(System::nanoTime);
    }

    /**
     * @param nanos a clock as {@link System#nanoTime}
     */
    public LoopWatch(LongSupplier nanos) {
        this.nanos = nanos;
    }

    /**
     * Returns {@code loop}, watched. What it throws, errors included, makes it dead and is thrown on.
     *
     * @param died receives what the loop threw
     */
    public Runnable watched(Runnable loop, Consumer<Throwable> died) {
        return () -> {
            turned();
            phase = Phase.RUNNING;
            boolean ended = false;
            try {
                loop.run();
                ended = true;
            } catch (RuntimeException | Error e) {
                died.accept(e);
                throw e;
            } finally {
                phase = ended ? Phase.IDLE : Phase.DEAD;
            }
        };
    }

    /** The loop goes on: it has polled, or it has tried to reach what it needs. */
    public void turned() {
        turnedAt = nanos.getAsLong();
    }

    public boolean isAlive() {
        return switch (phase) {
            case IDLE -> true;
            case RUNNING -> nanos.getAsLong() - turnedAt <= SILENCE.toNanos();
            case DEAD -> false;
        };
    }
}
