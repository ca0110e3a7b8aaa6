package io.shoal.swarm.ownership;

import io.shoal.contracts.records.SliceRecord;
import io.shoal.contracts.records.StatusRecord;
import io.shoal.contracts.topics.SliceKey;
import org.jspecify.annotations.Nullable;

/** Begins the work on a slice that has come to this worker. */
public interface SliceFactory {
    /**
     * Called on the ownership thread, which must not be held up: what takes time goes on elsewhere.
     *
     * @param wanted the newest that is wanted
     * @param last what the predecessor said last of this generation; null if nobody did
     * @param epoch of our ownership
     */
    Slice start(SliceKey key, SliceRecord wanted, @Nullable StatusRecord last, long epoch);
}
