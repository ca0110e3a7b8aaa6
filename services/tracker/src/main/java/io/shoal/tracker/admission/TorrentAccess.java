package io.shoal.tracker.admission;

import io.shoal.contracts.records.AdmissionRecord.Rule;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * The registrations and the rule of one info-hash.
 *
 * @param rule the operator's, or null
 * @param open how many libraries have it as a public torrent
 * @param owners the tenants that have it as a private one
 */
record TorrentAccess(@Nullable Rule rule, int open, List<UUID> owners) {
    static final TorrentAccess NOTHING = new TorrentAccess(null, 0, List.of());

    TorrentAccess with(@Nullable Rule newRule) {
        return new TorrentAccess(newRule, open, owners);
    }

    TorrentAccess plus(@Nullable UUID owner) {
        if (owner == null) {
            return new TorrentAccess(rule, open + 1, owners);
        }
        List<UUID> more = new ArrayList<>(owners);
        more.add(owner);
        return new TorrentAccess(rule, open, List.copyOf(more));
    }

    TorrentAccess minus(@Nullable UUID owner) {
        if (owner == null) {
            return new TorrentAccess(rule, open - 1, owners);
        }
        List<UUID> fewer = new ArrayList<>(owners);
        fewer.remove(owner);
        return new TorrentAccess(rule, open, List.copyOf(fewer));
    }
}
