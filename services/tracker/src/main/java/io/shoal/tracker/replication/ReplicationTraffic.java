package io.shoal.tracker.replication;

import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongConsumer;

/** What went between this replica and the others since the start. */
public final class ReplicationTraffic {
    private final LongAdder framesSent = new LongAdder();
    private final LongAdder framesReceived = new LongAdder();
    private final LongAdder framesRepeated = new LongAdder();
    private final LongAdder changesSent = new LongAdder();
    private final LongAdder changesApplied = new LongAdder();
    private final LongAdder changesIgnored = new LongAdder();
    private final LongAdder changesLost = new LongAdder();
    private volatile LongConsumer lags = lag -> {};

    /** A frame of so many changes is in Kafka. */
    void sent(int changes) {
        framesSent.increment();
        changesSent.add(changes);
    }

    /** So many changes did not get there, and wait for their peers' next announces. */
    void lost(int changes) {
        changesLost.add(changes);
    }

    /** A frame of another replica came; of its changes so many were news. */
    void heard(int applied, int ignored) {
        framesReceived.increment();
        changesApplied.add(applied);
        changesIgnored.add(ignored);
    }

    /** A frame came that had come before. */
    void repeated() {
        framesRepeated.increment();
    }

    /** The oldest change of a frame was so many milliseconds old when it came. */
    void lag(long millis) {
        lags.accept(millis);
    }

    /** From now on {@code lags} is told how old the oldest change of each frame was when it came, in milliseconds. */
    public void onLag(LongConsumer lags) {
        this.lags = lags;
    }

    public long framesSent() {
        return framesSent.sum();
    }

    public long framesReceived() {
        return framesReceived.sum();
    }

    public long framesRepeated() {
        return framesRepeated.sum();
    }

    public long changesSent() {
        return changesSent.sum();
    }

    public long changesApplied() {
        return changesApplied.sum();
    }

    public long changesIgnored() {
        return changesIgnored.sum();
    }

    public long changesLost() {
        return changesLost.sum();
    }
}
