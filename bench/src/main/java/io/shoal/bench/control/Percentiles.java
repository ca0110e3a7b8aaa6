package io.shoal.bench.control;

import java.util.Arrays;
import java.util.Locale;

/** Times of many equal things, in milliseconds; what never ended counts as infinitely long. */
final class Percentiles {
    private final double[] sorted;

    private Percentiles(double[] sorted) {
        this.sorted = sorted;
    }

    static Percentiles of(double[] millis) {
        double[] sorted = millis.clone();
        Arrays.sort(sorted);
        return new Percentiles(sorted);
    }

    int count() {
        return sorted.length;
    }

    /** The time that this share of all took at most; infinite if there are none. */
    double at(double share) {
        return sorted.length == 0
                ? Double.POSITIVE_INFINITY
                : sorted[Math.clamp((long) Math.ceil(share * sorted.length) - 1, 0, sorted.length - 1)];
    }

    @Override
    public String toString() {
        return "p50 %s, p99 %s ms".formatted(text(at(0.5)), text(at(0.99)));
    }

    private static String text(double millis) {
        if (Double.isInfinite(millis)) {
            return "never";
        }
        return String.format(Locale.ROOT, millis < 100 ? "%.1f" : "%,.0f", millis);
    }
}
