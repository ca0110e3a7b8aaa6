package io.shoal.swarm.ownership;

import io.shoal.contracts.Generation;
import io.shoal.contracts.records.DemandRecord;
import io.shoal.contracts.topics.SliceKey;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The slices whose swarms are looked at, and until when. Safe for all threads: one adds what it reads, the ownership thread asks.
 *
 * <p>Invariant: at most {@link #MOST} slices, none for longer than {@link DemandRecord.Inspect#LONGEST} after it was last asked for,
 * and of each slice the latest generation that was asked for.
 */
final class Inspections {
    private static final Logger LOG = LoggerFactory.getLogger(Inspections.class);

    /** Each costs a view of some ten milliseconds and up to 150 KiB a second. */
    static final int MOST = 64;

    private final LongSupplier epochMillis;
    private final Map<SliceKey, Inspection> byKey = new ConcurrentHashMap<>();

    /**
     * A slice that is looked at.
     *
     * @param until in milliseconds since 1970
     */
    record Inspection(SliceKey key, int partition, Generation gen, long until) {}

    /** @param epochMillis the time, in milliseconds since 1970 */
    Inspections(LongSupplier epochMillis) {
        this.epochMillis = epochMillis;
    }

    /** A record has asked for this. It is ignored if it has lapsed, is of an old generation, or if there are too many. */
    void add(SliceKey key, int partition, DemandRecord.Inspect asked) {
        long now = epochMillis.getAsLong();
        long until = Math.min(asked.until(), now + DemandRecord.Inspect.LONGEST.toMillis());
        if (until <= now) {
            return;
        }
        if (!byKey.containsKey(key) && byKey.size() >= MOST) {
            removeLapsed(now);
            if (byKey.size() >= MOST) {
                LOG.debug("{} is not looked at: {} others are", key, MOST);
                return;
            }
        }
        byKey.merge(key, new Inspection(key, partition, asked.gen(), until), Inspections::newer);
    }

    private static Inspection newer(Inspection known, Inspection asked) {
        int generations = asked.gen.compareTo(known.gen);
        return generations > 0 || generations == 0 && asked.until > known.until ? asked : known;
    }

    /** Returns what is looked at now; costs nothing while that is nothing. */
    List<Inspection> inForce() {
        if (byKey.isEmpty()) {
            return List.of();
        }
        removeLapsed(epochMillis.getAsLong());
        return List.copyOf(byKey.values());
    }

    private void removeLapsed(long now) {
        byKey.values().removeIf(inspection -> inspection.until <= now);
    }
}
