package io.shoal.bench.control;

import java.util.Locale;

/** What the bench can measure, each on servers that it starts for itself. */
enum Part {
    /** How fast storage takes records in, and what unchanged ones cost. */
    STORAGE,
    /** Time to ready after a restart, and heap. */
    RESTART,
    /** Database transactions at steady load, by the number of replicas. */
    TRANSACTIONS,
    /** Heap and latency of intake with a large library. */
    INTAKE,
    /** Publishing of many dirty keys, and of new torrents meanwhile. */
    RELAY,
    /** Taking one of many due jobs. */
    JOBS,
    /** Queries for library-wide event streams. */
    EVENTS;

    /** Its name on the command line, which Picocli shows too. */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
