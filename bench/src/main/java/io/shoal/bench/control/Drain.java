package io.shoal.bench.control;

import java.io.IOException;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/** Watches how fast records are published until all are, or until it is closed. */
final class Drain implements AutoCloseable {
    private static final long LOOK_MS = 250;

    private final EndOffsets published;
    private final long first;
    private final long last;
    private final long start = System.nanoTime();
    private final Background counting;
    private volatile double rate;

    private Drain(EndOffsets published, long first, long last) {
        this.published = published;
        this.first = first;
        this.last = last;
        this.counting = Background.start("counting published records", this::count);
    }

    /** Starts to watch; all is published when {@code more} records have come after the first {@code before}. */
    static Drain start(EndOffsets published, long before, long more) {
        return new Drain(published, before, before + more);
    }

    private void count(BooleanSupplier ending) throws IOException, InterruptedException {
        long now = first;
        while (!ending.getAsBoolean() && now < last) {
            TimeUnit.MILLISECONDS.sleep(LOOK_MS);
            now = published.sum();
            rate = (now - first) / ((System.nanoTime() - start) / 1e9);
        }
    }

    /** Records a second, from the start to the last of them or to the close. */
    double rate() throws IOException {
        counting.check();
        return rate;
    }

    @Override
    public void close() {
        counting.close();
    }
}
