package io.shoal.bench.trackers;

import java.util.ArrayList;
import java.util.List;

/** Two cores: one that only the tracker runs on, one for whoever loads it. */
final class Cores {
    private static final String TRACKER = "0";
    private static final String LOAD = "1";

    private Cores() {}

    static List<String> tracker(List<String> command) {
        return pinned(TRACKER, command);
    }

    static List<String> load(List<String> command) {
        return pinned(LOAD, command);
    }

    private static List<String> pinned(String core, List<String> command) {
        List<String> pinned = new ArrayList<>(List.of("taskset", "--cpu-list", core));
        pinned.addAll(command);
        return List.copyOf(pinned);
    }
}
