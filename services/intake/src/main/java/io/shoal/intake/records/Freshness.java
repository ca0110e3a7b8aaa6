package io.shoal.intake.records;

import java.util.Map;
import java.util.function.ToLongFunction;
import org.apache.kafka.common.TopicPartition;

/**
 * Tells whether a reader keeps up with its partitions: it does if it has passed the end offsets of the last answer but one, or has
 * reached those of the last one. The broker is asked repeatedly, so a reader that begins to lag stops being fresh. Used by the
 * thread that reads.
 */
final class Freshness {
    private Map<TopicPartition, Long> ends = Map.of();
    private boolean fresh;

    /** Takes the broker's answer about the ends; empty if it did not answer. The reader must have passed the ends before. */
    void asked(Map<TopicPartition, Long> answer, ToLongFunction<TopicPartition> position) {
        fresh = !answer.isEmpty() && isPast(position);
        ends = answer;
    }

    /** Returns whether the reader keeps up. */
    boolean isFresh(ToLongFunction<TopicPartition> position) {
        fresh = fresh || isPast(position);
        return fresh;
    }

    private boolean isPast(ToLongFunction<TopicPartition> position) {
        return !ends.isEmpty()
                && ends.entrySet().stream()
                        .allMatch(end -> end.getValue() == 0 || position.applyAsLong(end.getKey()) >= end.getValue());
    }
}
