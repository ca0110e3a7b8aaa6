package io.shoal.tracker.http;

/** A request that cannot be understood; the message names the field and is for the asker. */
final class MalformedException extends Exception {
    private static final long serialVersionUID = 1L;

    /** Without a stack trace, which would cost more than the request did. */
    MalformedException(String reason) {
        super(reason, null, false, false);
    }

    String reason() {
        return String.valueOf(getMessage());
    }
}
