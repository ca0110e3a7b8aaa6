package io.shoal.local.demo;

import java.io.IOException;
import java.time.Duration;

/** Waits as long as something moves; a plain error when nothing has moved for two minutes. */
final class StallDetector {
    private static final Duration LONGEST = Duration.ofMinutes(2);

    private final String what;
    private long last = -1;
    private long since = System.nanoTime();

    StallDetector(String what) {
        this.what = what;
    }

    /** Tells how far it has come; any change counts as movement. */
    void progress(long value) throws IOException {
        if (value != last) {
            last = value;
            since = System.nanoTime();
        } else if (System.nanoTime() - since > LONGEST.toNanos()) {
            throw new IOException("%s has not moved for %d s".formatted(what, LONGEST.toSeconds()));
        }
    }
}
