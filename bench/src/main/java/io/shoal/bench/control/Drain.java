package io.shoal.bench.control;

import java.io.IOException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Watches how fast records are published until all are, or until it is closed. */
final class Drain implements AutoCloseable {
    private static final long LOOK_MS = 250;

    private final EndOffsets published;
    private final long first;
    private final long last;
    private final long start = System.nanoTime();
    private final Thread thread = Thread.ofPlatform().name("drain").unstarted(this::run);
    private volatile boolean ending;
    private volatile double rate;
    private volatile @Nullable Exception failure;

    private Drain(EndOffsets published, long first, long last) {
        this.published = published;
        this.first = first;
        this.last = last;
    }

    /** Starts to watch; all is published when {@code more} records have come after the first {@code before}. */
    static Drain start(EndOffsets published, long before, long more) {
        Drain drain = new Drain(published, before, before + more);
        drain.thread.start();
        return drain;
    }

    private void run() {
        try {
            long now = first;
            while (!ending && now < last) {
                TimeUnit.MILLISECONDS.sleep(LOOK_MS);
                now = published.sum();
                rate = (now - first) / ((System.nanoTime() - start) / 1e9);
            }
        } catch (IOException | InterruptedException | RuntimeException e) {
            failure = e;
        }
    }

    /** Records a second, from the start to the last of them or to the close. */
    double rate() throws IOException {
        Exception problem = failure;
        if (problem != null) {
            throw new IOException("published records cannot be counted", problem);
        }
        return rate;
    }

    @Override
    public void close() {
        ending = true;
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
