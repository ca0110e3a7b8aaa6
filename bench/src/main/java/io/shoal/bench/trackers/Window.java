package io.shoal.bench.trackers;

import java.util.List;
import java.util.function.ToDoubleFunction;

/**
 * A few seconds of load.
 *
 * @param announces answered, a second
 * @param errors answered with a refusal, a second
 * @param peers in a reply, on average; not a number where the tester does not count them
 * @param micros of the tracker's CPU for an announce
 * @param core how much of its core the tracker used, 0 to 1
 */
record Window(double announces, double errors, double peers, double micros, double core) {
    /** The middle one of {@code windows} by {@code figure}. */
    static double median(List<Window> windows, ToDoubleFunction<Window> figure) {
        double[] sorted = windows.stream().mapToDouble(figure).sorted().toArray();
        return sorted[sorted.length / 2];
    }
}
