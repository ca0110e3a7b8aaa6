package io.shoal.tracker.records;

import io.shoal.contracts.records.BadRecordException;
import io.shoal.contracts.topics.Topic;
import org.jspecify.annotations.Nullable;

/** Applies the records of one compacted topic. Called by one thread. */
interface State {
    /** The topic. */
    Topic topic();

    /**
     * The newest record of a key, or null if there is none any more.
     *
     * @throws BadRecordException if it is no record
     * @throws IllegalArgumentException if the key is none
     */
    void take(String key, byte @Nullable [] value) throws BadRecordException;
}
