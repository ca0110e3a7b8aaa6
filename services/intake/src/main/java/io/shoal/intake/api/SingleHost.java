package io.shoal.intake.api;

import io.quarkus.vertx.http.runtime.filters.Filters;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.json.JsonObject;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;

/** Refuses requests with more than one Host field (RFC 9112, 3.2): a proxy and this service might read different ones. */
@ApplicationScoped
class SingleHost {
    private static final int PRIORITY = 1_000;

    void register(@Observes Filters filters) {
        filters.register(
                context -> {
                    if (context.request().headers().getAll(HttpHeaders.HOST).size() <= 1) {
                        context.next();
                        return;
                    }
                    ProblemKind kind = ProblemKind.BAD_REQUEST;
                    context.response()
                            .setStatusCode(kind.status())
                            .putHeader(HttpHeaders.CONTENT_TYPE, Problem.MEDIA_TYPE)
                            .putHeader(HttpHeaders.CONNECTION, HttpHeaders.CLOSE)
                            .end(new JsonObject()
                                    .put("type", kind.type())
                                    .put("title", kind.title())
                                    .put("status", kind.status())
                                    .put("detail", "The request has more than one Host field")
                                    .put("code", kind.code())
                                    .toBuffer());
                },
                PRIORITY);
    }
}
