package io.shoal.swarm.ownership;

import io.shoal.contracts.Generation;
import io.shoal.contracts.records.ProgressRecord;
import io.shoal.contracts.records.StatusRecord;
import io.shoal.contracts.records.StatusRecord.Totals;
import java.util.HashMap;
import java.util.Map;

/**
 * The largest totals of each slice that the past of {@code progress} names, and its highest epoch there. A status is up to five minutes
 * older; its owner may even have published figures and have been killed before its first status was delivered.
 *
 * <p>Invariant: totals of one generation only grow, so of two the larger are right, field by field, whichever owner wrote them.
 */
final class PastTotals {
    private final Map<String, Past> slices = new HashMap<>();

    private record Past(Generation gen, long epoch, Totals totals) {
        Past and(Past other) {
            int order = gen.compareTo(other.gen);
            Totals most = order == 0 ? larger(totals, other.totals) : order > 0 ? totals : other.totals;
            return new Past(order < 0 ? other.gen : gen, Math.max(epoch, other.epoch), most);
        }
    }

    /** An entry was read. */
    void add(ProgressRecord.Slice entry) {
        slices.merge(entry.key(), new Past(entry.gen(), entry.epoch(), entry.totals()), Past::and);
    }

    /** Returns {@code status} of the slice {@code key} with what was published after it. */
    StatusRecord addedTo(String key, StatusRecord status) {
        Past past = slices.get(key);
        if (past == null) {
            return status;
        }
        boolean sameLife = past.gen.equals(status.gen());
        Totals totals = sameLife ? larger(status.totals(), past.totals) : status.totals();
        return SliceStatus.of(status).with(totals).toRecord(status.worker(), Math.max(status.epoch(), past.epoch));
    }

    void clear() {
        slices.clear();
    }

    private static Totals larger(Totals one, Totals other) {
        return new Totals(
                Math.max(one.down(), other.down()),
                Math.max(one.up(), other.up()),
                Math.max(one.wasted(), other.wasted()),
                Math.max(one.seedingSeconds(), other.seedingSeconds()),
                one.left());
    }
}
