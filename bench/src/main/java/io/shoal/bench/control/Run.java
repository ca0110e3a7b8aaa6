package io.shoal.bench.control;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;

/**
 * What all parts of one run share.
 *
 * @param replicas numbers of replicas, each of which is measured where it makes a difference
 * @param folder that each part makes its own folder in
 */
record Run(Sizes sizes, List<Integer> replicas, Path folder, Deadline deadline, Report report) {
    /** The longest that anything is waited for: what takes longer is far from its target. */
    static final Duration PATIENCE = Duration.ofMinutes(10);

    private static final long START = System.nanoTime();

    /** Prints a line about what is going on. */
    static void say(String line) {
        System.err.printf(Locale.ROOT, "[%4d s] %s%n", (System.nanoTime() - START) / 1_000_000_000, line);
    }

    /** Lets the window of measurement pass; returns its seconds. */
    double window() throws java.io.IOException, InterruptedException {
        long start = System.nanoTime();
        deadline.pass(sizes.window());
        return (System.nanoTime() - start) / 1e9;
    }
}
