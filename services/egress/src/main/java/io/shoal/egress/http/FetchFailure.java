package io.shoal.egress.http;

/** Why no answer came. */
public enum FetchFailure {
    /** It took too long. */
    TIMEOUT("timeout"),
    /** Nothing listens there, or there is no route. */
    UNREACHABLE("unreachable"),
    /** The name cannot be resolved. */
    DNS("dns"),
    /** No address of the server may be connected to. */
    FORBIDDEN_ADDRESS("forbidden-address"),
    /** The server cannot prove its identity, or does not speak TLS. */
    TLS("tls"),
    /** Too many redirects, or one that must not be followed. */
    REDIRECT("redirect"),
    /** The body is larger than allowed. */
    TOO_LARGE("too-large"),
    /** The answer is no HTTP, or its encoding is broken. */
    MALFORMED("malformed"),
    /** The connection was closed before the answer was complete. */
    CLOSED("closed"),
    /** The caller cancelled. */
    CANCELLED("stopping");

    private final String code;

    FetchFailure(String code) {
        this.code = code;
    }

    /** The stable name of this failure, as tenants see it. */
    public String code() {
        return code;
    }
}
