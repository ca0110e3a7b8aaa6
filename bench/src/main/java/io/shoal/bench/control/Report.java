package io.shoal.bench.control;

import java.util.ArrayList;
import java.util.List;

/** The figures with their targets: each is printed when it is known, and all of them as a Markdown table at the end. */
final class Report {
    private final List<Row> rows = new ArrayList<>();

    /** How a figure stands to its target. */
    enum Mark {
        MET("met"),
        MISSED("missed"),
        /** There is nothing to measure, or no target. */
        NONE("");

        private final String text;

        Mark(String text) {
            this.text = text;
        }

        static Mark of(boolean met) {
            return met ? MET : MISSED;
        }
    }

    private record Row(String figure, String measured, String target, Mark mark) {
        String line() {
            return "| %s | %s | %s | %s |".formatted(figure, measured, target, mark.text);
        }
    }

    /** Adds a figure. */
    void add(String figure, String measured, String target, Mark mark) {
        Row row = new Row(figure, measured, target, mark);
        rows.add(row);
        System.out.println("shoal: " + row.line());
    }

    /** Adds a figure that has no target. */
    void add(String figure, String measured) {
        add(figure, measured, "", Mark.NONE);
    }

    void print() {
        System.out.println();
        System.out.println("| figure | measured | target | |");
        System.out.println("|---|---|---|---|");
        rows.forEach(row -> System.out.println(row.line()));
    }
}
