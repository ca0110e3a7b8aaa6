package io.shoal.tracker.http;

/** A request that cannot be parsed; the message names the field and is sent to the client. */
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
