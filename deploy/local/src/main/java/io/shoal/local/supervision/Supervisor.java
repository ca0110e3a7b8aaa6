package io.shoal.local.supervision;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** The children of one launcher: started in waves, stopped in the opposite order, the members of a wave together. */
public final class Supervisor {
    private final List<List<Child>> waves = new ArrayList<>();
    private boolean stopped;

    /** Starts all of {@code wave}; returns when each is ready. Refused once {@link #stop} was called. */
    public void start(List<Child> wave, Duration timeout) throws IOException, InterruptedException {
        synchronized (this) {
            if (stopped) {
                throw new IOException("stopped before all was started");
            }
            waves.add(List.copyOf(wave));
            for (Child child : wave) {
                child.start();
            }
        }
        for (Child child : wave) {
            child.awaitReady(timeout);
        }
    }

    /** All that were started, in that order. */
    public synchronized List<Child> children() {
        return waves.stream().flatMap(List::stream).toList();
    }

    /** Stops all that were started. */
    public void stop() {
        for (List<Child> wave : lastFirst()) {
            List<Thread> stopping = wave.stream()
                    .map(child -> Thread.ofVirtual().start(child::stop))
                    .toList();
            for (Thread thread : stopping) {
                try {
                    thread.join();
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                    return;
                }
            }
        }
    }

    private synchronized List<List<Child>> lastFirst() {
        stopped = true;
        return List.copyOf(waves.reversed());
    }
}
