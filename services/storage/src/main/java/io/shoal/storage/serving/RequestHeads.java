package io.shoal.storage.serving;

import io.quarkus.vertx.http.runtime.filters.Filters;
import io.shoal.contracts.http.HeadLimits;
import io.shoal.contracts.http.HeadLimits.Fault;
import io.shoal.storage.serving.RefusedException.Reason;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;

/**
 * Answers with a problem what the HTTP server would refuse without a body: heads that are too long (its own limits,
 * {@code quarkus.http.limits}, are higher) and paths that no resource has. Refuses requests with
 * more than one Host field too.
 */
@ApplicationScoped
class RequestHeads {
    /** The longest path, in bytes: a token, and a name of 1,024 characters of which each is three escaped bytes. */
    static final int TARGET_BYTES = 16 << 10;

    /** The most bytes of all header fields. */
    static final int FIELD_BYTES = 16 << 10;

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
        Reason reason = Reason.ofHttp(status);
        refuse(context, reason, reason.title());
    }

    private static boolean isRefused(RoutingContext context) {
        HttpServerRequest request = context.request();
        Fault fault = LIMITS.check(request.uri(), request.headers());
        switch (fault) {
            case null -> {
                return false;
            }
            case TARGET_TOO_LONG ->
                refuse(context, Reason.URI_TOO_LONG, "At most " + TARGET_BYTES + " bytes are taken.");
            case FIELDS_TOO_LARGE ->
                refuse(context, Reason.HEADERS_TOO_LARGE, "At most " + FIELD_BYTES + " bytes are taken.");
            case SEVERAL_HOSTS -> refuse(context, Reason.BAD_REQUEST, "The request has more than one Host field.");
        }
        return true;
    }

    private static void refuse(RoutingContext context, Reason reason, String detail) {
        if (context.response().ended() || context.response().headWritten()) {
            return;
        }
        Problem problem = Problem.of(new RefusedException(reason, detail));
        context.response().setStatusCode(reason.status()).putHeader(HttpHeaders.CONNECTION, HttpHeaders.CLOSE);
        ContentResource.SECURITY_HEADERS.forEach(context.response()::putHeader);
        context.response()
                .putHeader(HttpHeaders.CACHE_CONTROL, "no-store")
                .putHeader(HttpHeaders.CONTENT_TYPE, Problem.MEDIA_TYPE)
                .end(new JsonObject()
                        .put("type", problem.type())
                        .put("code", problem.code())
                        .put("title", problem.title())
                        .put("status", problem.status())
                        .put("detail", problem.detail())
                        .toBuffer());
    }
}
