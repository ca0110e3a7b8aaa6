package io.shoal.swarm.ownership;

import io.shoal.contracts.Generation;
import io.shoal.contracts.records.ProgressRecord;
import io.shoal.contracts.records.ProgressRecord.Peers;
import io.shoal.contracts.records.ProgressRecord.Rates;
import io.shoal.contracts.records.StatusRecord.State;
import io.shoal.contracts.records.StatusRecord.Totals;

/**
 * What changes in a slice from second to second.
 *
 * @param state decides how often the rest is published, and is not itself
 */
public record SliceFigures(State state, Totals totals, Rates rates, Peers peers) {
    /** Returns the entry that an owner of this epoch publishes. */
    ProgressRecord.Slice toEntry(String key, Generation gen, long epoch) {
        return new ProgressRecord.Slice(key, gen, epoch, totals, rates, peers);
    }

    /** Returns these figures once nothing flows any more. */
    SliceFigures atRest() {
        return new SliceFigures(state, totals, Rates.ZERO, Peers.NONE);
    }

    /** Whether payload flows. */
    boolean isActive() {
        return rates.down() > 0 || rates.up() > 0;
    }

    /** Whether they differ in more than the time spent seeding, which passes by itself. */
    boolean differsFrom(SliceFigures before) {
        Totals was = before.totals;
        Totals timeless = new Totals(was.down(), was.up(), was.wasted(), totals.seedingSeconds(), was.left());
        return !rates.equals(before.rates) || !peers.equals(before.peers) || !totals.equals(timeless);
    }
}
