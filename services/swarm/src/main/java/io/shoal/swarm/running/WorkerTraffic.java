package io.shoal.swarm.running;

import io.shoal.engine.TorrentStats;
import java.util.concurrent.atomic.LongAdder;

/** The traffic of this worker's torrents since it started. Any thread. */
public final class WorkerTraffic {
    private final LongAdder down = new LongAdder();
    private final LongAdder up = new LongAdder();
    private final LongAdder wasted = new LongAdder();
    private final LongAdder hashFailures = new LongAdder();
    private final LongAdder failures = new LongAdder();

    /** Adds what a torrent has transferred between two snapshots. */
    void add(Counted before, TorrentStats now) {
        down.add(now.downloaded() - before.down);
        up.add(now.uploaded() - before.up);
        wasted.add(now.wasted() - before.wasted);
        hashFailures.add(now.hashFailures() - before.hashFailures);
    }

    /** Payload bytes received. */
    public long down() {
        return down.sum();
    }

    /** Payload bytes sent. */
    public long up() {
        return up.sum();
    }

    /** Payload bytes received and discarded. */
    public long wasted() {
        return wasted.sum();
    }

    /** Pieces that failed their hash. */
    public long hashFailures() {
        return hashFailures.sum();
    }

    /** A fault of ours has ended a torrent. */
    void countFailure() {
        failures.increment();
    }

    /** Torrents that a fault of ours has ended. */
    public long failures() {
        return failures.sum();
    }

    /** What has been counted of one torrent. */
    record Counted(long down, long up, long wasted, int hashFailures) {
        static Counted of(TorrentStats stats) {
            return new Counted(stats.downloaded(), stats.uploaded(), stats.wasted(), stats.hashFailures());
        }
    }
}
