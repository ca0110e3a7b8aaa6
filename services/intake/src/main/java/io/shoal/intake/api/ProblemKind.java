package io.shoal.intake.api;

import java.util.Locale;

/** The kinds of problems. Their codes and types are part of the API and never change. */
enum ProblemKind {
    MALFORMED_JSON(400, "The body is not valid JSON"),
    UNAUTHENTICATED(401, "A valid key or session is required: Authorization: Bearer KEY"),
    FORBIDDEN(403, "This key is not allowed to do that"),
    URL_FETCHING_DISABLED(403, "This platform fetches no URLs: send the .torrent itself"),
    SCOPE_MISSING(403, "The key lacks the scope that this needs"),
    NOT_FOR_APP_KEYS(403, "An app key is not allowed to do that"),
    SUSPENDED(403, "The tenant is suspended"),
    DENIED(403, "The operator denies this torrent"),
    NOT_FOUND(404, "Not found"),
    METHOD_NOT_ALLOWED(405, "Method not allowed"),
    NOT_ACCEPTABLE(406, "No representation of the requested type is available"),
    METADATA_PENDING(409, "The torrent's metadata is not known yet"),
    NOT_WANTED(409, "The file must be wanted before it can be read"),
    QUOTA_EXCEEDED(409, "The tenant's quota does not allow this"),
    EXISTS_WITHOUT_LABEL(409, "The library has this torrent, without the label of the app key"),
    TOO_MANY_PASSKEYS(409, "The tenant has as many passkeys as it may have"),
    PRIVATE_TORRENT(409, "The sources of a private torrent cannot be changed"),
    CATEGORY_EXISTS(409, "The tenant has another category of this name"),
    TOO_MANY_CATEGORIES(409, "The tenant has as many categories as it may have"),
    TOO_MANY_KEYS(409, "The tenant has as many keys as it may have"),
    LAST_ADMIN_KEY(409, "The tenant must keep one valid key with the scope admin"),
    TENANT_DELETING(409, "The tenant is being deleted"),
    POOL_IN_USE(409, "Tenants or content belong to the pool"),
    TOO_LARGE(413, "The body is too large"),
    URI_TOO_LONG(414, "The path and the query are too long"),
    UNSUPPORTED_TYPE(415, "The type of the body is not supported"),
    UNSUPPORTED_ENCODING(415, "The body must be sent without a content coding"),
    INVALID_METAINFO(422, "The torrent breaks a rule"),
    INVALID_MAGNET(422, "The magnet link breaks a rule"),
    INVALID_FIELD(422, "A field breaks a rule"),
    NOT_A_TORRENT(422, "The URL's server sent something else than a .torrent: it may ask for a login"),
    URL_NOT_ALLOWED(422, "The URL must lead to an HTTP server that has a public address"),
    URL_UNREACHABLE(422, "The URL's server does not accept connections"),
    URL_TIMEOUT(422, "The URL's server did not send the whole answer in time"),
    URL_TLS(422, "The URL's server does not prove its identity over TLS"),
    URL_STATUS(422, "The URL's server refused to send the .torrent"),
    URL_REDIRECT(422, "The URL redirects too often, or to what must not be followed"),
    URL_TOO_LARGE(422, "What the URL's server sends is too large"),
    URL_BROKEN_ANSWER(422, "The URL's server broke off, or sent no valid HTTP"),
    TOO_MANY_REQUESTS(429, "Too many requests"),
    TOO_MANY_STREAMS(429, "Too many event streams are open"),
    TOO_MANY_LOOKS(429, "Too many swarms are looked at"),
    HEADERS_TOO_LARGE(431, "The header fields are too long"),
    BAD_REQUEST(400, "The request is malformed"),
    INTERNAL(500, "Internal error"),
    BUSY(503, "The service is busy at the moment"),
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
