package io.shoal.storage.serving;

import io.quarkus.vertx.http.runtime.filters.Filters;
import io.vertx.core.http.HttpHeaders;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;

/** Refuses requests with more than one Host field (RFC 9112, 3.2): a proxy and this service may read different ones. */
@ApplicationScoped
class SingleHost {
    private static final int PRIORITY = 1_000;
    private static final int BAD_REQUEST = 400;

    void register(@Observes Filters filters) {
        filters.register(
                context -> {
                    if (context.request().headers().getAll(HttpHeaders.HOST).size() <= 1) {
                        context.next();
                        return;
                    }
                    context.response()
                            .setStatusCode(BAD_REQUEST)
                            .putHeader(HttpHeaders.CONNECTION, HttpHeaders.CLOSE)
                            .end();
                },
                PRIORITY);
    }
}
