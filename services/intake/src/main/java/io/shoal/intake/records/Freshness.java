package io.shoal.intake.records;

import java.util.Map;
import java.util.function.ToLongFunction;
import org.apache.kafka.common.TopicPartition;

/**
 * Whether a reader keeps up with its partitions: it does if it has passed the ends that the broker named at the last question
 * but one, or has reached those of the last one. It is asked again and again, so a reader that begins to lag is not fresh any
 * more. Used by the thread that reads.
 */
final class Freshness {
    private Map<TopicPartition, Long> ends = Map.of();
    private boolean fresh;

    /** The broker was asked for the ends; none: it did not answer. What was read until now must have passed the ends before. */
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
