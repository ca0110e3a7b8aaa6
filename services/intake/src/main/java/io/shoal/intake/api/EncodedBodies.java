package io.shoal.intake.api;

import io.quarkus.vertx.http.runtime.CurrentVertxRequest;
import jakarta.annotation.Priority;
import jakarta.ws.rs.Priorities;
import jakarta.ws.rs.container.ContainerRequestContext;
import jakarta.ws.rs.container.ContainerRequestFilter;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.ext.Provider;
import java.util.Arrays;
import java.util.List;

/**
 * Refuses bodies with a content coding: nothing decompresses them, so that no short body becomes a long one. Callers are
 * authenticated first.
 */
@Provider
@Priority(Priorities.USER + 1)
class EncodedBodies implements ContainerRequestFilter {
    private final CurrentVertxRequest current;

    EncodedBodies(CurrentVertxRequest current) {
        this.current = current;
    }

    @Override
    public void filter(ContainerRequestContext request) {
        List<String> encodings = request.getHeaders().get(HttpHeaders.CONTENT_ENCODING);
        if (encodings != null
                && !encodings.stream()
                        .flatMap(each -> Arrays.stream(each.split(",")))
                        .allMatch(each -> each.isBlank() || each.strip().equalsIgnoreCase("identity"))) {
            LingeringClose.begin(
                    current.getCurrent().vertx(), current.getCurrent().request());
            throw ProblemException.of(ProblemKind.UNSUPPORTED_ENCODING);
        }
    }
}
