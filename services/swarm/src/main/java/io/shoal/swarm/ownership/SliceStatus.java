package io.shoal.swarm.ownership;

import io.shoal.contracts.Generation;
import io.shoal.contracts.records.Bits;
import io.shoal.contracts.records.ProgressRecord.Peers;
import io.shoal.contracts.records.ProgressRecord.Rates;
import io.shoal.contracts.records.StatusRecord;
import io.shoal.contracts.records.StatusRecord.Reason;
import io.shoal.contracts.records.StatusRecord.State;
import io.shoal.contracts.records.StatusRecord.Totals;
import io.shoal.contracts.records.StatusRecord.Tracker;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** The status of a slice: {@link StatusRecord} without the fields that only its owner adds. */
public record SliceStatus(
        Generation gen,
        long rev,
        State state,
        @Nullable Reason reason,
        Bits stored,
        int check,
        Totals totals,
        Rates rates,
        Peers peers,
        List<Tracker> trackers,
        @Nullable String infoKey) {

    public SliceStatus {
        trackers = List.copyOf(trackers);
    }

    /** Returns the record that an owner of this name and epoch sends. */
    StatusRecord toRecord(String worker, long epoch) {
        return new StatusRecord(
                1, gen, rev, epoch, worker, state, reason, stored, check, totals, rates, peers, trackers, infoKey);
    }

    /** Whether they differ in more than counters, rates and timers, so that the change must be published soon. */
    boolean differsMateriallyFrom(SliceStatus before) {
        return state != before.state
                || reason != before.reason
                || rev != before.rev
                || check != before.check
                || !gen.equals(before.gen)
                || !stored.equals(before.stored)
                || !Objects.equals(infoKey, before.infoKey);
    }

    /** Whether payload flows. */
    boolean isActive() {
        return rates.down() > 0 || rates.up() > 0;
    }
}
