package io.shoal.bench.downloads;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.ToDoubleFunction;

/** Rows of a run of the bench by who they are of, in the order in which each first came. */
final class Rows {
    private final Map<String, List<Row>> byName = new LinkedHashMap<>();

    void add(String name, Row row) {
        byName.computeIfAbsent(name, n -> new ArrayList<>()).add(row);
        System.out.printf(Locale.ROOT, "%s: %.1f s, %.1f CPU-s%n", name, row.wall(), row.cpu());
    }

    /** Medians as a table; CPU, requests and records are given by GiB. */
    void print(int mib, int runs) {
        double gib = mib / 1024.0;
        System.out.printf(
                "%n| %d MiB, median of %d | wall s | CPU-s/GiB | rest of the platform, CPU-s/GiB | store, CPU-s/GiB | peak RSS MiB"
                        + " | S3 requests/GiB | Kafka records/GiB |%n|---|---|---|---|---|---|---|---|%n",
                mib, runs);
        byName.forEach((name, rows) -> System.out.println("| " + name
                + figure(rows, "%.1f", Row::wall, 1)
                + figure(rows, "%.2f", Row::cpu, gib)
                + figure(rows, "%.2f", Row::around, gib)
                + figure(rows, "%.2f", Row::storeCpu, gib)
                + figure(rows, "%.0f", Row::peakMiB, 1)
                + figure(rows, "%.0f", Row::requests, gib)
                + figure(rows, "%.0f", Row::records, gib)
                + " |"));
    }

    /** Medians of {@code name} divided by those of {@code other}. */
    void printRatio(String name, String other) {
        List<Row> a = byName.getOrDefault(name, List.of());
        List<Row> b = byName.getOrDefault(other, List.of());
        System.out.printf(
                Locale.ROOT,
                "%n%s / %s: wall %.2f, CPU %.2f, store's CPU %.2f%n",
                name,
                other,
                Row.median(a, Row::wall) / Row.median(b, Row::wall),
                Row.median(a, Row::cpu) / Row.median(b, Row::cpu),
                Row.median(a, Row::storeCpu) / Row.median(b, Row::storeCpu));
    }

    private static String figure(List<Row> rows, String format, ToDoubleFunction<Row> figure, double by) {
        double median = Row.median(rows, figure);
        return " | " + (Double.isNaN(median) ? "" : String.format(Locale.ROOT, format, median / by));
    }
}
