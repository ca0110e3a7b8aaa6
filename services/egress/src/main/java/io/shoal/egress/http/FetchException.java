package io.shoal.egress.http;

import java.io.IOException;

/** A fetch ended without a complete answer. */
public final class FetchException extends IOException {
    private static final long serialVersionUID = 1L;

    private final FetchFailure failure;

    FetchException(FetchFailure failure) {
        super(failure.code());
        this.failure = failure;
    }

    /** Why it ended. */
    public FetchFailure failure() {
        return failure;
    }
}
