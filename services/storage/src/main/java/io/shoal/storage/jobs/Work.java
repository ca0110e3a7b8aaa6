package io.shoal.storage.jobs;

import io.shoal.objectstore.NoSuchObjectException;
import io.shoal.objectstore.StoreUnavailableException;
import org.jspecify.annotations.Nullable;

/** Performs the jobs of one kind. A job can be cut off at any point and is then repeated, so each step must be idempotent. */
public interface Work {
    /** Returns the kind of jobs that this performs. */
    JobKind kind();

    /** Performs the job and ends it in the transaction that records the result. If this throws, the job is tried again later. */
    void perform(Job job) throws StoreUnavailableException, NoSuchObjectException, TryAgainException;

    /** Something other than the store cannot be reached, or this process ends: the job is tried again later. */
    final class TryAgainException extends Exception {
        private static final long serialVersionUID = 1L;

        public TryAgainException(String why, @Nullable Throwable cause) {
            super(why, cause);
        }
    }
}
