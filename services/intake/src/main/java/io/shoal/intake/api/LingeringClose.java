package io.shoal.intake.api;

import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServerRequest;

/**
 * Ends a request that was refused while its body still arrives. Many clients read no answer before they have sent everything, so
 * bytes that arrive are discarded for a while before the connection is closed.
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
