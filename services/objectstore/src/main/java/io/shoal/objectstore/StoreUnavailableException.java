package io.shoal.objectstore;

import org.jspecify.annotations.Nullable;

/** The store did not answer, or not as it should: the state of the object is not known, and the caller tries again later. */
public final class StoreUnavailableException extends Exception {
    private static final long serialVersionUID = 1L;

    public StoreUnavailableException(String doing, @Nullable Throwable cause) {
        super(doing, cause);
    }
}
