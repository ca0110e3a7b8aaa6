package io.shoal.bench.control;

import java.io.IOException;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/** Work on a thread of its own, until it is closed. A failure ends the work, and {@link #check} throws it. */
final class Background implements AutoCloseable {
    /** What is done. */
    interface Work {
        /** Returns soon after {@code ending} has become true. */
        void run(BooleanSupplier ending) throws IOException, InterruptedException;
    }

    private final String name;
    private final Thread thread;
    private volatile boolean ending;
    private volatile @Nullable Exception failure;

    private Background(String name, Work work) {
        this.name = name;
        this.thread = Thread.ofPlatform().name(name).unstarted(() -> run(work));
    }

    /** Starts {@code work}, whose failure is reported under {@code name}. */
    static Background start(String name, Work work) {
        Background background = new Background(name, work);
        background.thread.start();
        return background;
    }

    private void run(Work work) {
        try {
            work.run(() -> ending);
        } catch (IOException | InterruptedException | RuntimeException e) {
            failure = e;
        }
    }

    /** Throws if the work has failed. */
    void check() throws IOException {
        Exception problem = failure;
        if (problem != null) {
            throw new IOException(name + " has failed: " + problem, problem);
        }
    }

    /** Returns when the work has ended. */
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
