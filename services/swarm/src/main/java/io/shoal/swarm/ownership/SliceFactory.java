package io.shoal.swarm.ownership;

import io.shoal.contracts.records.SliceRecord;
import io.shoal.contracts.records.StatusRecord;
import io.shoal.contracts.topics.SliceKey;
import org.jspecify.annotations.Nullable;

/** Starts slices that this worker has gained. */
public interface SliceFactory {
    /**
     * Called on the ownership thread, which must not be blocked: slow work runs elsewhere.
     *
     * @param wanted the newest wanted record
     * @param last the predecessor's last status of this generation; null if there is none
     * @param epoch of the ownership
     */
    Slice start(SliceKey key, SliceRecord wanted, @Nullable StatusRecord last, long epoch);
}
