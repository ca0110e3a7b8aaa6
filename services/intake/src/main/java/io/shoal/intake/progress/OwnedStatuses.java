package io.shoal.intake.progress;

import io.shoal.contracts.records.StatusRecord;
import io.shoal.contracts.topics.SliceKey;
import java.util.Map;
import java.util.Set;

/** Takes the statuses of the partitions that this replica owns, to act upon them. One thread calls the methods. */
public interface OwnedStatuses {
    /** This replica owns these partitions from now on. */
    void assigned(Set<Integer> partitions);

    /** Another replica takes over these partitions: nothing of them is in hand when this returns. */
    void revoked(Set<Integer> partitions) throws InterruptedException;

    /**
     * Takes a status; it is acted upon later.
     *
     * @param bytes of the record
     */
    void offer(int partition, long offset, SliceKey key, StatusRecord status, int bytes);

    /** The slice has ended. */
    void ended(SliceKey key);

    /** Whether no more may be offered at present. */
    boolean isFull();

    /** Returns, for each partition of which something is pending, the lowest offset that is not done. */
    Map<Integer, Long> pending();
}
