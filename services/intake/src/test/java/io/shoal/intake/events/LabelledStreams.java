package io.shoal.intake.events;

import io.shoal.intake.access.Credential;
import io.shoal.intake.access.Credentials;
import io.shoal.intake.tenants.Secret;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.ws.rs.sse.OutboundSseEvent;
import jakarta.ws.rs.sse.SseEventSink;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicBoolean;

/** A route of tests that opens a stream of the transfers with a label. */
@ApplicationScoped
public class LabelledStreams {
    /** The label follows. */
    static final String PATH = "/test/events/";

    private final LibraryEvents events;
    private final EventPlaces places;
    private final Credentials credentials;

    LabelledStreams(LibraryEvents events, EventPlaces places, Credentials credentials) {
        this.events = events;
        this.places = places;
        this.credentials = credentials;
    }

    void register(@Observes Router router) {
        router.get(PATH + ":label").blockingHandler(this::open, false);
    }

    private void open(RoutingContext context) {
        String bearer = context.request().getHeader("Authorization");
        Credential caller = credentials
                .find(new Secret(bearer.substring("Bearer ".length())))
                .orElseThrow();
        context.response().putHeader("Content-Type", "text/event-stream");
        events.open(
                caller,
                context.pathParam("label"),
                context.request().getHeader("Last-Event-ID"),
                EventResponse.begin(context.request(), new Sink(context)),
                places.take(caller.tenant()).orElseThrow());
    }

    private record Sink(RoutingContext context, AtomicBoolean closed) implements SseEventSink {
        Sink(RoutingContext context) {
            this(context, new AtomicBoolean());
        }

        @Override
        public boolean isClosed() {
            return closed.get();
        }

        @Override
        public CompletionStage<?> send(OutboundSseEvent event) {
            return CompletableFuture.failedFuture(new UnsupportedOperationException());
        }

        @Override
        public void close() {
            if (!closed.getAndSet(true) && !context.response().closed()) {
                var _ = context.response().end();
            }
        }
    }
}
