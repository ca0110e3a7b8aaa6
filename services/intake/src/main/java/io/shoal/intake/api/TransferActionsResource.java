package io.shoal.intake.api;

import com.fasterxml.jackson.databind.JsonNode;
import io.quarkus.narayana.jta.QuarkusTransaction;
import io.shoal.contracts.records.StatusRecord.Tracker;
import io.shoal.intake.planning.TransferActions;
import io.shoal.intake.progress.TrackerStates;
import io.shoal.intake.tenants.Scope;
import io.shoal.intake.torrents.Torrent;
import io.shoal.intake.transfers.Transfer;
import io.shoal.intake.transfers.TransferState;
import io.shoal.objectstore.StoreUnavailableException;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.PATCH;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import java.io.InputStream;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.parameters.RequestBody;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.security.SecurityRequirement;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jspecify.annotations.Nullable;

/** What a tenant asks for once, and the trackers and web seeds of a transfer. */
@Path("/v1/transfers")
@ForTenant
@ForAppKeys
@RunOnVirtualThread
@Produces(MediaType.APPLICATION_JSON)
@Tag(name = "tenant")
@SecurityRequirement(name = "tenantKey")
class TransferActionsResource {
    private static final int BODY_BYTES = 1 << 20;

    private final Caller caller;
    private final TransferActions actions;
    private final TransferBatches batches;
    private final LibraryReader libraryReader;
    private final TrackerStates states;
    private final RequestBodies bodies;

    TransferActionsResource(
            Caller caller,
            TransferActions actions,
            TransferBatches batches,
            LibraryReader libraryReader,
            TrackerStates states,
            RequestBodies bodies) {
        this.caller = caller;
        this.actions = actions;
        this.batches = batches;
        this.libraryReader = libraryReader;
        this.states = states;
        this.bodies = bodies;
    }

    @Schema(name = "TransferIds")
    record IdsBody(
            @Schema(required = true, minItems = 1, maxItems = TransferBatches.MOST) @Nullable
            List<@Nullable String> ids) {}

    @POST
    @Path("{id}/verify")
    @Operation(
            operationId = "verifyTransfer",
            summary = "Look whether all of a transfer is stored, and download what is missing",
            description =
                    "The answer has `checking` until that is known. One that is pending, or was asked for less than"
                            + " a minute ago, answers this request too")
    public TransferView verify(@PathParam("id") String text) {
        UUID id = Ids.parse(text);
        TransferBatches.refuse(actions.verify(caller.library(), id));
        return libraryReader.view(libraryReader.find(caller.library(), id));
    }

    @POST
    @Path("{id}/reannounce")
    @Operation(
            operationId = "reannounceTransfer",
            summary = "Announce to the trackers of a transfer as soon as they allow it",
            description =
                    "One that was asked for less than a minute ago answers this request too. A transfer that does not"
                            + " run announces when it does")
    public TransferView reannounce(@PathParam("id") String text) {
        UUID id = Ids.parse(text);
        TransferBatches.refuse(actions.reannounce(caller.library(), id));
        return libraryReader.view(libraryReader.find(caller.library(), id));
    }

    @POST
    @Path("verify")
    @Consumes(MediaType.APPLICATION_JSON)
    @Operation(operationId = "verifyTransfers", summary = "Look whether all of many transfers is stored")
    @RequestBody(required = true, content = @Content(schema = @Schema(implementation = IdsBody.class)))
    @APIResponse(
            responseCode = "200",
            description = "What became of each",
            content = @Content(schema = @Schema(implementation = TransferBatches.Results.class)))
    public TransferBatches.Results verifyMany(InputStream body, @Context HttpHeaders headers)
            throws StoreUnavailableException {
        return batches.verify(caller.library(), ids(body, headers));
    }

    @POST
    @Path("reannounce")
    @Consumes(MediaType.APPLICATION_JSON)
    @Operation(operationId = "reannounceTransfers", summary = "Announce to the trackers of many transfers")
    @RequestBody(required = true, content = @Content(schema = @Schema(implementation = IdsBody.class)))
    @APIResponse(
            responseCode = "200",
            description = "What became of each",
            content = @Content(schema = @Schema(implementation = TransferBatches.Results.class)))
    public TransferBatches.Results reannounceMany(InputStream body, @Context HttpHeaders headers)
            throws StoreUnavailableException {
        return batches.reannounce(caller.library(), ids(body, headers));
    }

    private Set<String> ids(InputStream body, HttpHeaders headers) {
        IdsBody asked = bodies.read(body, headers, BODY_BYTES, bytes -> bodies.json(bytes, IdsBody.class));
        return TransferBatches.checked(asked.ids());
    }

    @GET
    @Path("{id}/trackers")
    @Operation(
            operationId = "listTrackers",
            summary = "List the trackers and web seeds of a transfer",
            description = "URLs are shown to keys with the scope write only")
    public TrackersView trackers(@PathParam("id") String id) {
        return view(Ids.parse(id));
    }

    @PATCH
    @Path("{id}/trackers")
    @Consumes(MediaType.APPLICATION_JSON)
    @Operation(
            operationId = "changeTrackers",
            summary = "Replace the trackers or web seeds of a transfer",
            description = "Those of a private torrent cannot be changed. A tracker that stays keeps its times")
    @RequestBody(required = true, content = @Content(schema = @Schema(implementation = SourcesBody.class)))
    @APIResponse(
            responseCode = "200",
            description = "Changed",
            content = @Content(schema = @Schema(implementation = TrackersView.class)))
    public TrackersView change(@PathParam("id") String text, InputStream body, @Context HttpHeaders headers) {
        UUID id = Ids.parse(text);
        libraryReader.find(caller.library(), id);
        SourcesBody asked =
                bodies.read(body, headers, BODY_BYTES, bytes -> SourcesBody.read(bodies.json(bytes, JsonNode.class)));
        TransferBatches.refuse(actions.changeSources(caller.library(), id, asked.trackers(), asked.webSeeds()));
        return view(id);
    }

    private TrackersView view(UUID id) {
        LibraryReader.Item item = libraryReader.find(caller.library(), id);
        Transfer transfer = item.transfer();
        Torrent torrent = item.torrent();
        Map<String, Tracker> known = QuarkusTransaction.requiringNew()
                .call(() -> torrent == null ? states.of(transfer.id()) : states.of(torrent.id(), torrent.generation()));
        return TrackersView.of(
                transfer.sources(),
                known,
                transfer.isActive() || transfer.state() == TransferState.RESOLVING,
                caller.key().has(Scope.WRITE),
                Instant.now());
    }
}
