package io.shoal.bittorrent.metainfo;

import io.shoal.bittorrent.Limits;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/**
 * Bounds the memory of all info dictionaries that a process reads, parses and plans at one time. A caller that takes one into memory
 * reserves its {@link #cost} first; an info dictionary larger than the whole budget waits until it is alone.
 *
 * <p>Reservations are in units of 64 KiB and are granted in order, so a large one is not overtaken without end.
 */
public final class ParseBudget {
    /** An info dictionary may take this part of the heap, all of them together. */
    private static final int HEAP_SHARE = 8;

    private static final int UNIT = 64 << 10;

    /** The shortest file of an info dictionary: {@code d6:lengthi0e4:pathl0:ee}. */
    private static final int FILE_BYTES_MIN = 23;

    /** Bytes that a file costs while its geometry is made and its path is told apart from the others. */
    private static final int FILE_COST = 192;

    private final Semaphore units;
    private final int all;
    private final long patienceMillis;

    /**
     * @param bytes all reservations together
     * @param patienceMillis how long a reservation is waited for
     */
    public ParseBudget(long bytes, long patienceMillis) {
        this.all = (int) Math.max(1, bytes / UNIT);
        this.units = new Semaphore(all, true);
        this.patienceMillis = patienceMillis;
    }

    /** The budget of a process: an eighth of its heap. */
    public static ParseBudget ofHeap(long patienceMillis) {
        return new ParseBudget(Runtime.getRuntime().maxMemory() / HEAP_SHARE, patienceMillis);
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
            super("no memory to parse an info dictionary became free in time");
        }
    }

    /** Bytes of memory, at most, that an info dictionary of {@code length} bytes needs until its layout is made. */
    public static long cost(long length) {
        return 2 * length + Math.min(Limits.FILES, length / FILE_BYTES_MIN) * FILE_COST;
    }

    /**
     * Runs {@code use} while the cost of an info dictionary of {@code length} bytes is reserved. Not reentrant: {@code use} must
     * not reserve again.
     *
     * @throws ExhaustedException if others held the budget for too long
     */
    public <T, E extends Exception> T with(long length, Use<T, E> use) throws E {
        int share = (int) Math.min(all, cost(length) / UNIT + 1);
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
