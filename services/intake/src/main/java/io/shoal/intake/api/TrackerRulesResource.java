package io.shoal.intake.api;

import io.shoal.bittorrent.InfoHash;
import io.shoal.contracts.records.AdmissionRecord;
import io.shoal.intake.admission.AllowedTorrent;
import io.shoal.intake.admission.OperatorRules;
import io.shoal.intake.admission.TenantRule;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.DefaultValue;
import jakarta.ws.rs.GET;
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
import java.util.List;
import java.util.UUID;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.enums.SchemaType;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.parameters.RequestBody;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.security.SecurityRequirement;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jspecify.annotations.Nullable;

/** The operator's rules for the tracker, which follows at once: allowed torrents, and what tenants' users may do. */
@Path("/v1/tracker")
@ForOperator
@RunOnVirtualThread
@Produces(MediaType.APPLICATION_JSON)
@Tag(name = "operator")
@SecurityRequirement(name = "operatorKey")
class TrackerRulesResource {
    private static final int BODY_BYTES = 64 << 10;

    private final OperatorRules rules;
    private final RequestBodies bodies;

    TrackerRulesResource(OperatorRules rules, RequestBodies bodies) {
        this.rules = rules;
        this.bodies = bodies;
    }

    record AllowRequest(
            @Schema(maxLength = Reasons.CHARS, description = "Shown to operators only") @Nullable
            String reason) {}

    @Schema(name = "AllowedTorrent")
    record AllowedView(
            String infoHash,
            @Schema(nullable = true) @Nullable String reason,
            Instant changedAt) {
        static AllowedView of(AllowedTorrent allowed) {
            return new AllowedView(allowed.infoHash().hex(), allowed.reason(), allowed.changedAt());
        }
    }

    @Schema(name = "AllowedPage")
    record AllowedPage(
            List<AllowedView> items,

            @Schema(nullable = true, description = "Cursor of the next page; null on the last") @Nullable
            String next) {}

    @Schema(description = "Absent fields: as the tracker is configured")
    record TenantRuleRequest(
            @Schema(description = "Whether the tenant's passkeys admit anything; default: true") @Nullable
            Boolean enabled,

            @Schema(
                    nullable = true,
                    minimum = "1",
                    maximum = "" + AdmissionRecord.LOCATIONS_MOST,
                    description = "From how many clients one user may announce a torrent at once")
            @Nullable
            Integer locations) {}

    @Schema(name = "TenantRule")
    record TenantRuleView(
            boolean enabled,
            @Schema(nullable = true) @Nullable Integer locations) {}

    @GET
    @Path("allowed")
    @Operation(operationId = "listAllowed", summary = "List the torrents that are allowed, by info-hash")
    public AllowedPage allowed(
            @QueryParam("cursor") @Nullable String cursor,
            @QueryParam("limit") @DefaultValue(Paging.DEFAULT_LIMIT) @Schema(type = SchemaType.INTEGER) String limit) {
        int size = Paging.limit(limit, Paging.MAX_LIMIT);
        List<AllowedTorrent> found = rules.page(Hashes.cursor(cursor), size + 1);
        return new AllowedPage(
                found.stream().limit(size).map(AllowedView::of).toList(),
                found.size() > size ? found.get(size - 1).infoHash().hex() : null);
    }

    @GET
    @Path("allowed/{infoHash}")
    @Operation(operationId = "getAllowed", summary = "Get a torrent that is allowed")
    public AllowedView get(@PathParam("infoHash") String text) {
        return rules.of(infoHash(text))
                .map(AllowedView::of)
                .orElseThrow(() -> ProblemException.of(ProblemKind.NOT_FOUND));
    }

    @PUT
    @Path("allowed/{infoHash}")
    @Consumes(MediaType.APPLICATION_JSON)
    @Operation(
            operationId = "putAllowed",
            summary = "Allow a torrent",
            description =
                    "The tracker serves it to all clients although no tenant has registered it, unless it is denied")
    @RequestBody(required = true, content = @Content(schema = @Schema(implementation = AllowRequest.class)))
    public AllowedView put(@PathParam("infoHash") String text, InputStream body, @Context HttpHeaders headers) {
        InfoHash infoHash = infoHash(text);
        AllowRequest request = bodies.read(body, headers, BODY_BYTES, bytes -> bodies.json(bytes, AllowRequest.class));
        return AllowedView.of(rules.allow(infoHash, Reasons.check(request.reason)));
    }

    @DELETE
    @Path("allowed/{infoHash}")
    @Operation(operationId = "deleteAllowed", summary = "Allow a torrent no longer")
    @APIResponse(responseCode = "204", description = "Deleted")
    public Response delete(@PathParam("infoHash") String text) {
        if (!rules.disallow(infoHash(text))) {
            throw ProblemException.of(ProblemKind.NOT_FOUND);
        }
        return Response.noContent().build();
    }

    @GET
    @Path("tenants/{id}")
    @Operation(operationId = "getTenantRule", summary = "Get the rule for a tenant's users")
    public TenantRuleView tenant(@PathParam("id") String id) {
        return rules.of(Ids.require("id", id))
                .filter(rule -> !rule.isLeftOver())
                .map(TrackerRulesResource::view)
                .orElseThrow(() -> ProblemException.of(ProblemKind.NOT_FOUND));
    }

    @PUT
    @Path("tenants/{id}")
    @Consumes(MediaType.APPLICATION_JSON)
    @Operation(operationId = "putTenantRule", summary = "Set the rule for a tenant's users")
    @RequestBody(required = true, content = @Content(schema = @Schema(implementation = TenantRuleRequest.class)))
    public TenantRuleView tenant(@PathParam("id") String id, InputStream body, @Context HttpHeaders headers) {
        UUID tenant = Ids.require("id", id);
        TenantRuleRequest wish =
                bodies.read(body, headers, BODY_BYTES, bytes -> bodies.json(bytes, TenantRuleRequest.class));
        Integer locations = wish.locations;
        if (locations != null && (locations < 1 || locations > AdmissionRecord.LOCATIONS_MOST)) {
            throw ProblemException.invalid(
                    ProblemKind.INVALID_FIELD, "locations", "must be 1 to " + AdmissionRecord.LOCATIONS_MOST);
        }
        boolean enabled = wish.enabled == null || wish.enabled;
        if (!rules.rule(tenant, enabled, locations)) {
            throw ProblemException.of(ProblemKind.NOT_FOUND);
        }
        return new TenantRuleView(enabled, locations);
    }

    private static TenantRuleView view(TenantRule rule) {
        return new TenantRuleView(rule.enabled(), rule.locations());
    }

    private static InfoHash infoHash(String text) {
        return InfoHash.ofHex(Hashes.v1("infoHash", text));
    }
}
