package io.shoal.storage.serving;

import java.time.Duration;

/** A link that cannot be followed, or not now. */
final class RefusedException extends Exception {
    private static final long serialVersionUID = 1L;

    /** Why; the code is stable and programs may depend on it. */
    enum Reason {
        BAD_REQUEST(400, "bad-request", "The request is malformed."),
        BAD_LINK(403, "bad-link", "The link is not one of ours."),
        LINK_EXPIRED(403, "link-expired", "The link has expired: ask for a new one."),
        LINK_REVOKED(403, "link-revoked", "The link was revoked."),
        NOT_FOUND(404, "not-found", "There is no such file."),
        METHOD_NOT_ALLOWED(405, "method-not-allowed", "Links are for GET and HEAD."),
        NOT_ACCEPTABLE(406, "not-acceptable", "No representation of the requested type is available."),
        GONE(410, "gone", "The content was removed."),
        URI_TOO_LONG(414, "uri-too-long", "The path is too long."),
        RANGE_NOT_SATISFIABLE(416, "range-not-satisfiable", "The file has no such bytes."),
        HEADERS_TOO_LARGE(431, "headers-too-large", "The header fields are too long."),
        INTERNAL(500, "internal", "Something went wrong here."),
        NOT_STORED_YET(503, "not-stored-yet", "These bytes are not stored yet: try again later."),
        STORE_UNAVAILABLE(503, "store-unavailable", "The object store does not answer: try again later."),
        CATALOG_UNAVAILABLE(503, "catalog-unavailable", "The catalog does not answer: try again later."),
        BUSY(503, "busy", "Too many files are being read: try again later.");

        private final int status;
        private final String code;
        private final String title;

        Reason(int status, String code, String title) {
            this.status = status;
            this.code = code;
            this.title = title;
        }

        /** Returns what the HTTP server or the framework has refused with {@code status}, which is below 500. */
        static Reason ofHttp(int status) {
            return switch (status) {
                case 404 -> NOT_FOUND;
                case 405 -> METHOD_NOT_ALLOWED;
                case 406 -> NOT_ACCEPTABLE;
                default -> BAD_REQUEST;
            };
        }

        /** The HTTP status. */
        int status() {
            return status;
        }

        String code() {
            return code;
        }

        String title() {
            return title;
        }

        /** The value of Retry-After for all refusals that pass. */
        static final Duration RETRY_AFTER = Duration.ofSeconds(2);
    }

    private final Reason reason;
    private final String detail;

    RefusedException(Reason reason) {
        this(reason, reason.title());
    }

    RefusedException(Reason reason, String detail) {
        super(detail);
        this.reason = reason;
        this.detail = detail;
    }

    Reason reason() {
        return reason;
    }

    String detail() {
        return detail;
    }
}
