package io.shoal.objectstore;

import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/**
 * Bounds the memory of all objects that a process reads whole and works on at one time. A caller reserves what an object will cost
 * before it reads it; a cost beyond the whole budget waits until it is alone.
 *
 * <p>Reservations are in units of 64 KiB and are granted in order, so a large one is not overtaken without end.
 */
public final class MemoryBudget {
    private static final int UNIT = 64 << 10;

    private final Semaphore units;
    private final int all;
    private final long patienceMillis;

    /**
     * @param bytes all reservations together
     * @param patienceMillis how long a reservation is waited for
     */
    public MemoryBudget(long bytes, long patienceMillis) {
        this.all = (int) Math.max(1, bytes / UNIT);
        this.units = new Semaphore(all, true);
        this.patienceMillis = patienceMillis;
    }

    /** The budget of a process: an eighth of its heap. */
    public static MemoryBudget ofHeap(long patienceMillis) {
        return new MemoryBudget(Runtime.getRuntime().maxMemory() / 8, patienceMillis);
    }

    /** Work that is done while memory is reserved. */
    @FunctionalInterface
    public interface Use<T, E extends Exception> {
        T run() throws E;
    }

    /** No memory became free in time: the caller may try again later. */
    public static final class ExhaustedException extends RuntimeException {
        private static final long serialVersionUID = 1L;

        ExhaustedException() {
            super("no memory became free in time");
        }
    }

    /**
     * Runs {@code use} while {@code cost} bytes are reserved. Not reentrant: {@code use} must not reserve again.
     *
     * @throws ExhaustedException if others held the budget for too long
     */
    public <T, E extends Exception> T with(long cost, Use<T, E> use) throws E {
        int share = (int) Math.min(all, cost / UNIT + 1);
        try {
            if (!units.tryAcquire(share, patienceMillis, TimeUnit.MILLISECONDS)) {
                throw new ExhaustedException();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new ExhaustedException();
        }
        try {
            return use.run();
        } finally {
            units.release(share);
        }
    }
}
