package io.shoal.swarm.segments;

import java.util.concurrent.atomic.LongAdder;

/** Counters of the worker's calls to the store since it started. */
public final class StoreCounters {
    final LongAdder puts = new LongAdder();
    final LongAdder bytesPut = new LongAdder();
    final LongAdder failures = new LongAdder();
    final LongAdder reads = new LongAdder();
    final LongAdder bytesRead = new LongAdder();
    final LongAdder segments = new LongAdder();
    final LongAdder spills = new LongAdder();

    /** Objects written, including failed attempts. */
    public long puts() {
        return puts.sum();
    }

    /** Bytes that the store has acknowledged. */
    public long bytesPut() {
        return bytesPut.sum();
    }

    /** Calls that failed or were not answered. */
    public long failures() {
        return failures.sum();
    }

    /** Ranges read for peers. */
    public long reads() {
        return reads.sum();
    }

    /** Bytes read for peers. */
    public long bytesRead() {
        return bytesRead.sum();
    }

    /** Segments stored. */
    public long segments() {
        return segments.sum();
    }

    /** Spills written. */
    public long spills() {
        return spills.sum();
    }
}
