package io.shoal.tracker.admission;

import io.shoal.contracts.records.AdmissionRecord.Rule;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * What is known of one info-hash.
 *
 * @param rule the operator's, if he has one
 * @param open how many libraries have it as a public torrent
 * @param owners the tenants that have it as a private one
 */
record Standing(@Nullable Rule rule, int open, List<UUID> owners) {
    static final Standing NOTHING = new Standing(null, 0, List.of());

    Standing with(@Nullable Rule newRule) {
        return new Standing(newRule, open, owners);
    }

    Standing plus(@Nullable UUID owner) {
        if (owner == null) {
            return new Standing(rule, open + 1, owners);
        }
        List<UUID> more = new ArrayList<>(owners);
        more.add(owner);
        return new Standing(rule, open, List.copyOf(more));
    }

    Standing minus(@Nullable UUID owner) {
        if (owner == null) {
            return new Standing(rule, open - 1, owners);
        }
        List<UUID> fewer = new ArrayList<>(owners);
        fewer.remove(owner);
        return new Standing(rule, open, List.copyOf(fewer));
    }
}
