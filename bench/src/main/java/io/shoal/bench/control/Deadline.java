package io.shoal.bench.control;

import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/** The end of the whole run: no wait goes beyond it. */
final class Deadline {
    private static final long LOOK_MS = 50;

    private final long end;

    Deadline(Duration limit) {
        this.end = System.nanoTime() + limit.toNanos();
    }

    boolean hasPassed() {
        return System.nanoTime() - end >= 0;
    }

    /** Something that is true sooner or later. */
    interface Condition {
        boolean holds() throws IOException, InterruptedException;
    }

    /** Waits until {@code condition} holds, at most for {@code most} or to the end of the run; returns whether it holds. */
    boolean await(Duration most, Condition condition) throws IOException, InterruptedException {
        long until = System.nanoTime() + most.toNanos();
        while (!condition.holds()) {
            if (hasPassed() || System.nanoTime() - until >= 0) {
                return false;
            }
            TimeUnit.MILLISECONDS.sleep(LOOK_MS);
        }
        return true;
    }

    /** Lets {@code time} pass; throws if the run ends before. */
    void pass(Duration time) throws IOException, InterruptedException {
        if (await(time, () -> false) || hasPassed()) {
            throw new IOException("the time of the run is up (--limit)");
        }
    }
}
