package io.shoal.tracker.time;

import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;

/**
 * Milliseconds since 1970 that never step and never run backwards: the machine's monotonic clock, set by the wall clock once
 * and slewed towards it by a hundredth at most. So peers do not expire all at once when the time is set, and replicas
 * whose wall clocks agree still agree after weeks.
 */
public final class SteadyClock implements LongSupplier {
    private static final long NANOS_A_MILLI = 1_000_000;
    private static final int SLOWEST = 100;

    private final LongSupplier wallMillis;
    private final LongSupplier monotonicNanos;
    private final AtomicLong offsetMillis;
    private long slewedAtNanos;

    public SteadyClock(LongSupplier wallMillis, LongSupplier monotonicNanos) {
        this.wallMillis = wallMillis;
        this.monotonicNanos = monotonicNanos;
        this.slewedAtNanos = monotonicNanos.getAsLong();
        this.offsetMillis = new AtomicLong(wallMillis.getAsLong() - slewedAtNanos / NANOS_A_MILLI);
    }

    @Override
    public long getAsLong() {
        return offsetMillis.get() + monotonicNanos.getAsLong() / NANOS_A_MILLI;
    }

    /** Slews towards the wall clock. To be called about every second, by one thread. */
    public void slew() {
        long nanos = monotonicNanos.getAsLong();
        long most = (nanos - slewedAtNanos) / NANOS_A_MILLI / SLOWEST;
        if (most > 0) {
            slewedAtNanos = nanos;
            long away = wallMillis.getAsLong() - getAsLong();
            offsetMillis.addAndGet(Math.clamp(away, -most, most));
        }
    }
}
