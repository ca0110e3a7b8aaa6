package io.shoal.intake.api;

import io.shoal.contracts.records.Wanted.Priority;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.jspecify.annotations.Nullable;

/** Files by their priority, as JSON: their indexes. */
@Schema(
        name = "Priorities",
        description = "Indexes of files by the priority that they are given; all other files keep theirs")
record PrioritiesBody(
        @Schema(description = "Not wanted") @Nullable List<@Nullable Integer> skip,

        @Nullable List<@Nullable Integer> low,
        @Nullable List<@Nullable Integer> normal,
        @Nullable List<@Nullable Integer> high) {

    Map<Priority, List<@Nullable Integer>> lists() {
        Map<Priority, List<@Nullable Integer>> lists = new EnumMap<>(Priority.class);
        put(lists, Priority.SKIP, skip);
        put(lists, Priority.LOW, low);
        put(lists, Priority.NORMAL, normal);
        put(lists, Priority.HIGH, high);
        return lists;
    }

    private static void put(
            Map<Priority, List<@Nullable Integer>> lists, Priority priority, @Nullable List<@Nullable Integer> files) {
        if (files != null) {
            lists.put(priority, files);
        }
    }
}
