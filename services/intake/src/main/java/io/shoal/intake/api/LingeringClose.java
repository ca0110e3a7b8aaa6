package io.shoal.intake.api;

import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServerRequest;

/**
 * Ends a request whose body goes on after it was refused. Many clients read no answer before they have sent everything, so what
 * arrives is thrown away for a while before the connection is closed.
 */
final class LingeringClose {
    private static final int LINGER_MILLIS = 10_000;

    private LingeringClose() {}

    static void begin(Vertx vertx, HttpServerRequest request) {
        vertx.runOnContext(nothing -> {
            request.handler(rest -> {});
            request.resume();
        });
        vertx.setTimer(LINGER_MILLIS, timer -> {
            if (!request.isEnded()) {
                request.connection().close();
            }
        });
    }
}
