package io.shoal.intake.api;

import io.quarkus.vertx.http.runtime.CurrentVertxRequest;
import io.shoal.intake.swarms.SwarmLooks.Look;
import io.smallrye.common.annotation.Blocking;
import io.smallrye.common.annotation.RunOnVirtualThread;
import io.smallrye.mutiny.Multi;
import io.vertx.core.http.HttpServerResponse;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.HEAD;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.sse.OutboundSseEvent;
import jakarta.ws.rs.sse.Sse;
import java.time.Duration;
import java.util.UUID;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.security.SecurityRequirement;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;

/** The swarm of one transfer, once or as a stream. */
@Path("/v1/transfers/{id}/swarm")
@ForTenant
@ForAppKeys
@Tag(name = "tenant")
@SecurityRequirement(name = "tenantKey")
class SwarmResource {
    private static final Duration PATIENCE = Duration.ofSeconds(3);
    private static final String NO_STORE = "no-store";

    /** A client that accepts anything gets JSON. */
    private static final String STREAM_IF_ASKED = MediaType.SERVER_SENT_EVENTS + ";qs=0.5";

    /** Asks proxies such as nginx to pass each event on at once. */
    private static final String BUFFERING = "X-Accel-Buffering";

    private final Caller caller;
    private final LibraryReader libraryReader;
    private final SwarmReader reader;
    private final SwarmStreams streams;
    private final CurrentVertxRequest current;

    SwarmResource(
            Caller caller,
            LibraryReader libraryReader,
            SwarmReader reader,
            SwarmStreams streams,
            CurrentVertxRequest current) {
        this.caller = caller;
        this.libraryReader = libraryReader;
        this.reader = reader;
        this.streams = streams;
        this.current = current;
    }

    @GET
    @Produces(MediaType.APPLICATION_JSON)
    @Operation(
            operationId = "getTransferSwarm",
            summary = "Look at the peers and pieces of a transfer",
            description =
                    "The worker that has the transfer is asked, which takes up to 3 seconds the first time. With Accept:"
                            + " text/event-stream the answer is a stream, in which each event named swarm carries the whole of it,"
                            + " at most one a second; an event named removed is the last one. The stream also ends within 60 seconds"
                            + " after its key was revoked or its tenant was suspended. A tenant may look at 4 transfers at a time; one"
                            + " that was looked at counts for 15 seconds more")
    @APIResponse(
            responseCode = "200",
            description = "The swarm, or its events",
            content = {
                @Content(
                        mediaType = MediaType.APPLICATION_JSON,
                        schema = @Schema(implementation = TransferSwarmView.class)),
                @Content(
                        mediaType = MediaType.SERVER_SENT_EVENTS,
                        schema = @Schema(implementation = TransferSwarmView.class))
            })
    @RunOnVirtualThread
    public Response swarm(@PathParam("id") String text) throws InterruptedException {
        UUID id = Ids.parse(text);
        LibraryReader.Item item = libraryReader.find(caller.library(), id);
        try (Look look = reader.open(caller.tenant(), id)) {
            return Response.ok(reader.view(look, item, PATIENCE))
                    .header(HttpHeaders.CACHE_CONTROL, NO_STORE)
                    .build();
        }
    }

    @GET
    @Produces(STREAM_IF_ASKED)
    @Operation(hidden = true)
    @Blocking
    public Multi<OutboundSseEvent> events(@PathParam("id") String text, @Context Sse sse) {
        UUID id = Ids.parse(text);
        libraryReader.find(caller.library(), id);
        HttpServerResponse response = current.getCurrent().response();
        Multi<OutboundSseEvent> events = streams.open(caller.key(), id, sse, response);
        response.putHeader(HttpHeaders.CACHE_CONTROL, NO_STORE).putHeader(BUFFERING, "no");
        return events;
    }

    /** Answers with the headers of GET, and asks no worker. */
    @HEAD
    @Operation(hidden = true)
    @RunOnVirtualThread
    public Response head(@PathParam("id") String text) {
        libraryReader.find(caller.library(), Ids.parse(text));
        return Response.ok()
                .type(MediaType.APPLICATION_JSON_TYPE)
                .header(HttpHeaders.CACHE_CONTROL, NO_STORE)
                .build();
    }
}
