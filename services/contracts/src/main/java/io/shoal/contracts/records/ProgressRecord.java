package io.shoal.contracts.records;

import io.shoal.contracts.Generation;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * {@code shoal.progress}: the figures of slices that move, in the partition of the slices themselves. A worker writes at most one of
 * these a second and partition, or several if one has no room. Read by intake for what tenants see, and by a slice's next owner,
 * which continues from the larger of these totals and those of {@link StatusRecord}.
 *
 * <p>While the swarm of a slice is looked at, its peers and pieces follow in records of their own.
 *
 * <p>A record tells nothing new of a slice that it does not name. Of two entries of one slice the later in the topic holds, unless
 * its generation or epoch is lower.
 *
 * @param v version of this record: 1
 * @param worker the owner's name
 * @param slices at most {@link #SLICES_MAX}
 * @param swarm the swarm of a slice that is looked at; null in most records
 */
public record ProgressRecord(
        int v, String worker, List<Slice> slices, @Nullable SwarmReport swarm) {
    /** Slices of one record: about 300 bytes each, so that a record stays below the largest that a topic takes. */
    public static final int SLICES_MAX = 1_000;

    /** The longest time between two entries of a slice that downloads or is resolved, while its rates are not zero. */
    public static final Duration DOWNLOADING_EVERY = Duration.ofSeconds(2);

    /** The same for any other slice. */
    public static final Duration UPLOADING_EVERY = Duration.ofSeconds(4);

    /**
     * The figures of one slice.
     *
     * @param key of the slice
     * @param gen the generation that it speaks of; for a magnet 1
     * @param epoch as in {@link StatusRecord}
     * @param totals counted over all owners
     * @param rates now
     * @param peers now
     */
    public record Slice(String key, Generation gen, long epoch, StatusRecord.Totals totals, Rates rates, Peers peers) {
        public Slice {
            Require.present(key, "key");
            Require.present(gen, "gen");
            totals = totals == null ? StatusRecord.Totals.ZERO : totals;
            rates = rates == null ? Rates.ZERO : rates;
            peers = peers == null ? Peers.NONE : peers;
        }
    }

    /** Payload in bytes per second. */
    public record Rates(long down, long up) {
        public static final Rates ZERO = new Rates(0, 0);
    }

    /**
     * @param connected peers with a finished handshake
     * @param seeds of these, those that have all
     * @param availability copies of the rarest piece among the connected, in thousandths: 2500 means that half of the
     *     pieces are there three times and half twice
     */
    public record Peers(int connected, int seeds, int availability) {
        public static final Peers NONE = new Peers(0, 0, 0);
    }

    public ProgressRecord {
        Require.present(worker, "worker");
        slices = Require.listOf(slices, "slices", SLICES_MAX);
    }

    /** Creates a record of figures alone. */
    public ProgressRecord(int v, String worker, List<Slice> slices) {
        this(v, worker, slices, null);
    }
}
