package io.shoal.intake.api;

import io.shoal.intake.quotas.DownloadQueue;
import io.shoal.intake.quotas.QueueMove;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
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

/** The order in which a tenant's downloads get their slots. All transfers of a request are moved together, or none. */
@Path("/v1/transfers/queue")
@ForTenant
@ForAppKeys
@RunOnVirtualThread
@Produces(MediaType.APPLICATION_JSON)
@Tag(name = "tenant")
@SecurityRequirement(name = "tenantKey")
class QueueResource {
    private static final int BODY_BYTES = 1 << 20;

    private final Caller caller;
    private final RequestBodies bodies;
    private final DownloadQueue queue;

    QueueResource(Caller caller, RequestBodies bodies, DownloadQueue queue) {
        this.caller = caller;
        this.bodies = bodies;
        this.queue = queue;
    }

    @Schema(name = "MoveTransfersRequest")
    record MoveBody(
            @Schema(required = true, minItems = 1, maxItems = TransferBatches.MOST) @Nullable
            List<@Nullable String> ids,

            @Schema(
                    required = true,
                    enumeration = {"top", "up", "down", "bottom"},
                    description = "To an end of the queue, or by one place")
            @Nullable
            String move) {}

    @POST
    @Consumes(MediaType.APPLICATION_JSON)
    @Operation(
            operationId = "moveTransfers",
            summary = "Move transfers in the download queue",
            description =
                    "Those that are moved keep their order. A transfer that is complete is in no queue, and stays as it is")
    @RequestBody(required = true, content = @Content(schema = @Schema(implementation = MoveBody.class)))
    @APIResponse(
            responseCode = "200",
            description = "What became of each",
            content = @Content(schema = @Schema(implementation = TransferBatches.Results.class)))
    public TransferBatches.Results move(InputStream body, @Context HttpHeaders headers) {
        MoveBody asked = bodies.read(body, headers, BODY_BYTES, bytes -> bodies.json(bytes, MoveBody.class));
        Set<String> ids = TransferBatches.checked(asked.ids());
        QueueMove move = move(asked.move());
        List<UUID> known = ids.stream().map(Ids::read).flatMap(Optional::stream).toList();
        Set<UUID> moved = queue.move(caller.library(), known, move);
        List<TransferBatches.Result> results = new ArrayList<>();
        for (String id : ids) {
            results.add(
                    Ids.read(id).filter(moved::contains).isPresent()
                            ? TransferBatches.Result.done(id)
                            : TransferBatches.Result.refused(id, ProblemException.of(ProblemKind.NOT_FOUND)));
        }
        return new TransferBatches.Results(results);
    }

    private static QueueMove move(@Nullable String text) {
        return Arrays.stream(QueueMove.values())
                .filter(move -> TransferView.code(move).equals(text))
                .findFirst()
                .orElseThrow(() -> TransferFields.invalid("move", "must be top, up, down or bottom"));
    }
}
