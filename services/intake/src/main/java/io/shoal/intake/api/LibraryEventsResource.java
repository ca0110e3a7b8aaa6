package io.shoal.intake.api;

import io.quarkus.vertx.http.runtime.CurrentVertxRequest;
import io.shoal.intake.events.EventPlaces;
import io.shoal.intake.events.EventResponse;
import io.shoal.intake.events.LibraryEvents;
import io.shoal.intake.events.TransferProgress;
import io.smallrye.common.annotation.Blocking;
import io.vertx.core.http.HttpServerRequest;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.HEAD;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.sse.SseEventSink;
import java.util.List;
import java.util.UUID;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.security.SecurityRequirement;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jspecify.annotations.Nullable;

/** The event stream of a tenant's whole library. */
@Path("/v1/events")
@ForTenant
@ForAppKeys
@Tag(name = "tenant")
@SecurityRequirement(name = "tenantKey")
class LibraryEventsResource {
    private final Caller caller;
    private final LibraryEvents events;
    private final EventPlaces places;
    private final CurrentVertxRequest current;

    LibraryEventsResource(Caller caller, LibraryEvents events, EventPlaces places, CurrentVertxRequest current) {
        this.caller = caller;
        this.events = events;
        this.places = places;
        this.current = current;
    }

    @Schema(name = "SnapshotEvent", description = "The event `snapshot`: a page of the library, the newest first")
    record Snapshot(
            List<TransferView> transfers,

            @Schema(description = "Whether it is the last page; only that one has an id")
            boolean last) {}

    @Schema(name = "ChangedEvent", description = "The event `changed`: transfers that were added or changed")
    record Changed(List<TransferView> transfers) {}

    @Schema(name = "RemovedEvent", description = "The event `removed`: transfers that are gone")
    record Removed(List<UUID> ids) {}

    @Schema(
            name = "ProgressEvent",
            description = "The event `progress`: figures that have changed, at most once a second for each transfer. It"
                    + " has no id and is not repeated")
    record Figures(List<TransferProgress> transfers) {}

    @GET
    @Produces(MediaType.SERVER_SENT_EVENTS)
    @Operation(
            operationId = "watchLibrary",
            summary = "Watch the library",
            description =
                    "Without the id of an event, or with one that is none of this library or older than 55 minutes (then"
                            + " after an event named reset), the whole library is sent in events named snapshot. Events named"
                            + " changed and removed follow, and events named progress. The id of an event holds at every"
                            + " replica. The stream ends within 60 seconds after its key was revoked or its tenant was"
                            + " suspended, and when its client does not read.")
    @APIResponse(
            responseCode = "200",
            description = "The events",
            content =
                    @Content(
                            mediaType = MediaType.SERVER_SENT_EVENTS,
                            schema = @Schema(oneOf = {Snapshot.class, Changed.class, Removed.class, Figures.class})))
    @Blocking
    public void events(
            @HeaderParam("Last-Event-ID") @Schema(description = "The id of the last event that was read") @Nullable
                    String lastId,
            @QueryParam("since")
                    @Schema(description = "The same, for clients that cannot send the header; the header goes before")
                    @Nullable
                    String since,
            @Context SseEventSink sink) {
        EventPlaces.Place place =
                places.take(caller.tenant()).orElseThrow(() -> ProblemException.of(ProblemKind.TOO_MANY_STREAMS));
        try {
            HttpServerRequest request = current.getCurrent().request();
            request.response()
                    .putHeader(HttpHeaders.CONTENT_TYPE, MediaType.SERVER_SENT_EVENTS)
                    .putHeader(HttpHeaders.CACHE_CONTROL, EventsResource.NO_STORE)
                    .putHeader(EventsResource.BUFFERING, EventsResource.NO);
            events.open(
                    caller.key(),
                    caller.library().label(),
                    isGiven(lastId) ? lastId : isGiven(since) ? since : null,
                    EventResponse.begin(request, sink),
                    place);
        } catch (RuntimeException e) {
            place.close();
            throw e;
        }
    }

    private static boolean isGiven(@Nullable String id) {
        return id != null && !id.isBlank();
    }

    /** Answers with the headers of GET, without a stream. */
    @HEAD
    @Operation(hidden = true)
    @Blocking
    public Response head() {
        return EventsResource.headers();
    }
}
