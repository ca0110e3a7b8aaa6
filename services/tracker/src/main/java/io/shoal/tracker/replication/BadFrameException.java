package io.shoal.tracker.replication;

/** Bytes that are no frame. */
public final class BadFrameException extends Exception {
    private static final long serialVersionUID = 1L;

    BadFrameException(String reason) {
        super(reason);
    }
}
