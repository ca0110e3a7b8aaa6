package io.shoal.tracker.replication;

import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongConsumer;

/** What went between this replica and the others since the start. Any thread counts. */
public final class ReplicationTraffic {
    private final Map<Figure, LongAdder> figures = new EnumMap<>(Figure.class);
    private volatile LongConsumer lags = lag -> {};
    private volatile long lag;

    /** What is counted. */
    public enum Figure {
        FRAMES_SENT("Frames of peer changes that reached Kafka"),
        FRAMES_RECEIVED("Frames of peer changes of other replicas"),
        FRAMES_REPEATED("Frames that had been received before"),
        CHANGES_SENT("Peer changes that reached Kafka"),
        CHANGES_APPLIED("Peer changes of other replicas that were news"),
        CHANGES_IGNORED("Peer changes of other replicas that were none"),
        CHANGES_LOST("Peer changes that did not reach Kafka, and wait for their peers' next announces");

        private final String meaning;

        Figure(String meaning) {
            this.meaning = meaning;
        }

        /** For a person to read. */
        public String meaning() {
            return meaning;
        }
    }

    public ReplicationTraffic() {
        for (Figure figure : Figure.values()) {
            figures.put(figure, new LongAdder());
        }
    }

    /** How often {@code figure} was counted. */
    public long of(Figure figure) {
        return adder(figure).sum();
    }

    /** How old the oldest change of the last frame was when it came, milliseconds. */
    public long lag() {
        return lag;
    }

    /** From now on {@code lags} is told how old the oldest change of each frame was when it came, milliseconds. */
    public void onLag(LongConsumer lags) {
        this.lags = lags;
    }

    void count(Figure figure, long more) {
        adder(figure).add(more);
    }

    void lag(long millis) {
        lag = millis;
        lags.accept(millis);
    }

    private LongAdder adder(Figure figure) {
        return Objects.requireNonNull(figures.get(figure), "every figure has its adder");
    }
}
