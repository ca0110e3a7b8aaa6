package io.shoal.local.demo;

import java.io.IOException;
import java.time.Duration;

/** Fails when a progress value has not changed for two minutes. */
final class StallDetector {
    private static final Duration LONGEST = Duration.ofMinutes(2);

    private final String what;
    private long last = -1;
    private long since = System.nanoTime();

    StallDetector(String what) {
        this.what = what;
    }

    /** Records the progress so far; any change counts. */
    void progress(long value) throws IOException {
        if (value != last) {
            last = value;
            since = System.nanoTime();
        } else if (System.nanoTime() - since > LONGEST.toNanos()) {
            throw new IOException("%s has made no progress for %d s".formatted(what, LONGEST.toSeconds()));
        }
    }
}
