package io.shoal.storage.jobs;

import io.shoal.objectstore.NoSuchObjectException;
import io.shoal.objectstore.StoreUnavailableException;
import org.jspecify.annotations.Nullable;

/**
 * How jobs of one kind are done. A job can die at any point and be begun again, so each step must bear being done twice.
 */
public interface Work {
    /** The kind that this does. */
    JobKind kind();

    /**
     * Does the job and finishes it in the transaction that records the result. If it throws, the job is tried again later.
     */
    void perform(Job job) throws StoreUnavailableException, NoSuchObjectException, TryAgainException;

    /** Something other than the store cannot be reached, or this process ends: the job is tried again later. */
    final class TryAgainException extends Exception {
        private static final long serialVersionUID = 1L;

        public TryAgainException(String why, @Nullable Throwable cause) {
            super(why, cause);
        }
    }
}
