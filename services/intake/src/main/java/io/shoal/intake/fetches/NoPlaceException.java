package io.shoal.intake.fetches;

/** The tenant, or the replica, fetches as much as it may, and nothing ended in time. */
public final class NoPlaceException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    NoPlaceException() {
        super("too many fetches at one time");
    }
}
