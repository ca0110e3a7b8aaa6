package io.shoal.intake.api;

import io.shoal.bittorrent.bencode.PagedBytes;
import io.shoal.intake.admission.Denial;
import io.shoal.intake.admission.DenyList;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.DefaultValue;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.PUT;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.io.InputStream;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.enums.SchemaType;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.parameters.RequestBody;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.security.SecurityRequirement;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jspecify.annotations.Nullable;

/** The operator's deny list: no tenant can add these torrents, existing ones are ended, and the tracker refuses them. */
@Path("/v1/deny")
@ForOperator
@RunOnVirtualThread
@Produces(MediaType.APPLICATION_JSON)
@Tag(name = "operator")
@SecurityRequirement(name = "operatorKey")
class DenyResource {
    private static final int BODY_BYTES = 64 << 10;

    /** Lines that are merged in one transaction. */
    private static final int BATCH = 1_000;

    private final DenyList denied;
    private final RequestBodies bodies;

    DenyResource(DenyList denied, RequestBodies bodies) {
        this.denied = denied;
        this.bodies = bodies;
    }

    record DenyRequest(
            @Schema(maxLength = Reasons.CHARS, description = "For the operator alone; tenants never see it") @Nullable
            String reason) {}

    @Schema(name = "Denial")
    record DenialView(
            @Schema(description = "40 digits of a v1 info-hash or 64 of a v2 info-hash")
            String hash,

            @Schema(nullable = true) @Nullable String reason,
            Instant changedAt) {
        static DenialView of(Denial denial) {
            return new DenialView(denial.hash(), denial.reason(), denial.changedAt());
        }
    }

    @Schema(name = "DenialPage")
    record DenialPage(
            List<DenialView> items,

            @Schema(nullable = true, description = "Cursor of the next page; null on the last") @Nullable
            String next) {}

    @Schema(name = "DenyImport")
    record ImportView(
            @Schema(description = "Lines that were read") int lines,

            @Schema(description = "Torrents that were not denied before")
            int added) {}

    @GET
    @Operation(operationId = "listDenied", summary = "List the torrents that are denied, by hash")
    public DenialPage list(
            @QueryParam("cursor") @Nullable String cursor,
            @QueryParam("limit") @DefaultValue(Paging.DEFAULT_LIMIT) @Schema(type = SchemaType.INTEGER) String limit) {
        int size = Paging.limit(limit, Paging.MAX_LIMIT);
        List<Denial> found = denied.page(Hashes.cursor(cursor), size + 1);
        return new DenialPage(
                found.stream().limit(size).map(DenialView::of).toList(),
                found.size() > size ? found.get(size - 1).hash() : null);
    }

    @GET
    @Path("{hash}")
    @Operation(operationId = "getDenied", summary = "Get a torrent that is denied")
    public DenialView get(@PathParam("hash") String hash) {
        return denied.of(Hashes.anyVersion("hash", hash))
                .map(DenialView::of)
                .orElseThrow(() -> ProblemException.of(ProblemKind.NOT_FOUND));
    }

    @PUT
    @Path("{hash}")
    @Consumes(MediaType.WILDCARD)
    @Operation(
            operationId = "deny",
            summary = "Deny a torrent",
            description = "It cannot be added. Transfers of it become BLOCKED, stop, and lose their content and links."
                    + " A torrent is denied if its v1 or its v2 info-hash is.")
    @RequestBody(
            content =
                    @Content(
                            mediaType = MediaType.APPLICATION_JSON,
                            schema = @Schema(implementation = DenyRequest.class)))
    public DenialView put(@PathParam("hash") String text, InputStream body, @Context HttpHeaders headers) {
        String hash = Hashes.anyVersion("hash", text);
        DenyRequest request = hasBody(headers)
                ? bodies.read(body, headers, BODY_BYTES, bytes -> request(bytes, headers.getMediaType()))
                : new DenyRequest(null);
        denied.deny(new DenyList.Line(hash, Reasons.check(request.reason)));
        return get(hash);
    }

    private static boolean hasBody(HttpHeaders headers) {
        return headers.getLength() > 0
                || headers.getMediaType() != null
                || headers.getHeaderString("Transfer-Encoding") != null;
    }

    private DenyRequest request(PagedBytes body, @Nullable MediaType type) {
        if (body.length() == 0) {
            return new DenyRequest(null);
        }
        if (type == null || !type.isCompatible(MediaType.APPLICATION_JSON_TYPE)) {
            throw ProblemException.of(ProblemKind.UNSUPPORTED_TYPE);
        }
        return bodies.json(body, DenyRequest.class);
    }

    @POST
    @Consumes(MediaType.TEXT_PLAIN)
    @Operation(
            operationId = "denyAll",
            summary = "Deny a list of torrents",
            description =
                    "One hash, or hash and reason with a space between, a line, at most 1,000,000 lines. The list is"
                            + " merged into what is denied, 1,000 lines at a time; sending it again does no harm. After a line that"
                            + " breaks a rule the lines before it may be denied already.")
    @RequestBody(
            required = true,
            content = @Content(mediaType = MediaType.TEXT_PLAIN, schema = @Schema(type = SchemaType.STRING)))
    @APIResponse(
            responseCode = "200",
            description = "Merged",
            content = @Content(schema = @Schema(implementation = ImportView.class)))
    public ImportView post(InputStream body) {
        DenyLines lines = new DenyLines(body);
        Map<String, DenyList.Line> batch = new LinkedHashMap<>();
        int added = 0;
        for (DenyList.Line line = lines.next(); line != null; line = lines.next()) {
            batch.put(line.hash(), line);
            if (batch.size() == BATCH) {
                added += denied.denyAll(List.copyOf(batch.values()));
                batch.clear();
            }
        }
        added += denied.denyAll(List.copyOf(batch.values()));
        return new ImportView(lines.number(), added);
    }

    @DELETE
    @Path("{hash}")
    @Operation(
            operationId = "withdrawDenial",
            summary = "Deny a torrent no longer",
            description = "It can be added again. Transfers that were blocked stay so until their tenants start them.")
    @APIResponse(responseCode = "204", description = "Withdrawn")
    public Response delete(@PathParam("hash") String hash) {
        if (!denied.withdraw(Hashes.anyVersion("hash", hash))) {
            throw ProblemException.of(ProblemKind.NOT_FOUND);
        }
        return Response.noContent().build();
    }
}
