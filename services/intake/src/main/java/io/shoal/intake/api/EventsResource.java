package io.shoal.intake.api;

import io.quarkus.vertx.http.runtime.CurrentVertxRequest;
import io.smallrye.common.annotation.Blocking;
import io.smallrye.mutiny.Multi;
import io.vertx.core.http.HttpServerResponse;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.HEAD;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.sse.OutboundSseEvent;
import jakarta.ws.rs.sse.Sse;
import java.util.UUID;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.security.SecurityRequirement;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jspecify.annotations.Nullable;

/** The event stream of one transfer. */
@Path("/v1/transfers/{id}/events")
@ForTenant
@ForAppKeys
@Tag(name = "tenant")
@SecurityRequirement(name = "tenantKey")
class EventsResource {
    static final String NO_STORE = "no-store";

    /** Asks proxies such as nginx to pass each event on at once. */
    static final String BUFFERING = "X-Accel-Buffering";

    static final String NO = "no";

    private final Caller caller;
    private final LibraryReader libraryReader;
    private final EventStreams streams;
    private final CurrentVertxRequest current;

    EventsResource(Caller caller, LibraryReader libraryReader, EventStreams streams, CurrentVertxRequest current) {
        this.caller = caller;
        this.libraryReader = libraryReader;
        this.streams = streams;
        this.current = current;
    }

    @GET
    @Produces(MediaType.SERVER_SENT_EVENTS)
    @Operation(
            operationId = "watchTransfer",
            summary = "Watch a transfer",
            description = "Each event named transfer carries the whole transfer, at most one a second. An event named"
                    + " removed is the last one. The stream also ends within 60 seconds after its key was revoked or its"
                    + " tenant was suspended.")
    @APIResponse(
            responseCode = "200",
            description = "The events",
            content =
                    @Content(
                            mediaType = MediaType.SERVER_SENT_EVENTS,
                            schema = @Schema(implementation = TransferView.class)))
    @Blocking
    public Multi<OutboundSseEvent> events(
            @PathParam("id") String text, @HeaderParam("Last-Event-ID") @Nullable String lastId, @Context Sse sse) {
        UUID id = find(text);
        HttpServerResponse response = current.getCurrent().response();
        Multi<OutboundSseEvent> events = streams.open(caller.key(), id, lastId, sse, response);
        response.putHeader(HttpHeaders.CACHE_CONTROL, NO_STORE).putHeader(BUFFERING, NO);
        return events;
    }

    /** Answers with the headers of GET, without a stream. */
    @HEAD
    @Operation(hidden = true)
    @Blocking
    public Response head(@PathParam("id") String text) {
        find(text);
        return headers();
    }

    /** Returns an answer with the headers of an event stream. */
    static Response headers() {
        return Response.ok()
                .type(MediaType.SERVER_SENT_EVENTS_TYPE)
                .header(HttpHeaders.CACHE_CONTROL, NO_STORE)
                .header(BUFFERING, NO)
                .build();
    }

    private UUID find(String text) {
        UUID id = Ids.parse(text);
        libraryReader.find(caller.library(), id);
        return id;
    }
}
