package io.shoal.intake.api;

import io.quarkus.vertx.http.runtime.filters.Filters;
import io.shoal.contracts.http.HeadLimits;
import io.shoal.contracts.http.HeadLimits.Fault;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import org.jspecify.annotations.Nullable;

/**
 * Answers with a problem what the HTTP server would refuse without a body: heads that are too long (its own limits,
 * {@code quarkus.http.limits}, are higher) and paths that no resource has. Refuses requests with
 * more than one Host field too.
 */
@ApplicationScoped
class RequestHeads {
    /** The longest path and query, in bytes. */
    static final int TARGET_BYTES = 8 << 10;

    /** The most bytes of all header fields. */
    static final int FIELD_BYTES = 20 << 10;

    private static final int PRIORITY = 1_000;

    private static final HeadLimits LIMITS = new HeadLimits(TARGET_BYTES, FIELD_BYTES);

    void register(@Observes Filters filters) {
        filters.register(
                context -> {
                    if (!isRefused(context)) {
                        context.next();
                    }
                },
                PRIORITY);
    }

    void register(@Observes Router router) {
        router.route().order(Integer.MIN_VALUE).failureHandler(RequestHeads::failed);
    }

    /** Answers what the router refuses before a resource is found; the framework would answer with the status alone. */
    private static void failed(RoutingContext context) {
        int status = context.statusCode();
        if (status < 400 || status >= 500) {
            context.next();
            return;
        }
        ProblemKind kind = switch (status) {
            case 404 -> ProblemKind.NOT_FOUND;
            case 405 -> ProblemKind.METHOD_NOT_ALLOWED;
            case 406 -> ProblemKind.NOT_ACCEPTABLE;
            case 413 -> ProblemKind.TOO_LARGE;
            case 415 -> ProblemKind.UNSUPPORTED_TYPE;
            default -> ProblemKind.BAD_REQUEST;
        };
        refuse(context, kind, kind.title());
    }

    private static boolean isRefused(RoutingContext context) {
        HttpServerRequest request = context.request();
        Fault fault = LIMITS.check(request.uri(), request.headers());
        switch (fault) {
            case null -> {
                return false;
            }
            case TARGET_TOO_LONG ->
                refuse(context, ProblemKind.URI_TOO_LONG, "At most " + TARGET_BYTES + " bytes are taken");
            case FIELDS_TOO_LARGE ->
                refuse(context, ProblemKind.HEADERS_TOO_LARGE, "At most " + FIELD_BYTES + " bytes are taken");
            case SEVERAL_HOSTS -> refuse(context, ProblemKind.BAD_REQUEST, "The request has more than one Host field");
        }
        return true;
    }

    private static void refuse(RoutingContext context, ProblemKind kind, String detail) {
        if (context.response().ended() || context.response().headWritten()) {
            return;
        }
        @Nullable String path = context.request().path();
        context.response()
                .setStatusCode(kind.status())
                .putHeader(HttpHeaders.CONTENT_TYPE, Problem.MEDIA_TYPE)
                .putHeader(HttpHeaders.CONNECTION, HttpHeaders.CLOSE)
                .end(new JsonObject()
                        .put("type", kind.type())
                        .put("title", kind.title())
                        .put("status", kind.status())
                        .put("detail", detail)
                        .put("instance", path == null ? "" : Texts.shown(path))
                        .put("code", kind.code())
                        .toBuffer());
    }
}
