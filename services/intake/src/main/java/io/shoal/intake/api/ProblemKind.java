package io.shoal.intake.api;

import java.util.Locale;

/** The kinds of problems. Their codes and types are part of the API: they never change. */
enum ProblemKind {
    MALFORMED_JSON(400, "The body is not JSON"),
    UNAUTHENTICATED(401, "A valid key is needed: Authorization: Bearer KEY"),
    FORBIDDEN(403, "This key is not for this"),
    DENIED(403, "The operator denies this torrent"),
    NOT_FOUND(404, "There is no such thing"),
    METHOD_NOT_ALLOWED(405, "This cannot be done here"),
    NOT_ACCEPTABLE(406, "There is no answer of the type that is asked for"),
    METADATA_PENDING(409, "The torrent's metadata is not known yet"),
    NOT_WANTED(409, "The file must be wanted before it can be read"),
    QUOTA_EXCEEDED(409, "The tenant's quota does not allow this"),
    TOO_MANY_PASSKEYS(409, "No further passkey may be made"),
    TOO_LARGE(413, "The body is too large"),
    UNSUPPORTED_TYPE(415, "A body of this type is not understood here"),
    INVALID_METAINFO(422, "The torrent breaks a rule"),
    INVALID_MAGNET(422, "The magnet link breaks a rule"),
    INVALID_FIELD(422, "A field breaks a rule"),
    TOO_MANY_STREAMS(429, "Too many event streams are open"),
    BAD_REQUEST(400, "The request is not understood"),
    INTERNAL(500, "Something went wrong on our side"),
    BUSY(503, "Too much is being submitted at the moment"),
    DATABASE_UNAVAILABLE(503, "The database cannot be reached at the moment"),
    STORE_UNAVAILABLE(503, "The object store cannot be reached at the moment");

    private final int status;
    private final String title;

    ProblemKind(int status, String title) {
        this.status = status;
        this.title = title;
    }

    int status() {
        return status;
    }

    String title() {
        return title;
    }

    String code() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    String type() {
        return "urn:shoal:problem:" + code();
    }
}
