package io.shoal.intake.api;

import io.shoal.bittorrent.InfoHash;
import io.shoal.contracts.records.AdmissionRecord;
import io.shoal.intake.admission.ListedTorrent;
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
import java.util.Locale;
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

/** The operator's rules for torrents and tenants at the tracker, which follows at once. */
@Path("/v1/tracker")
@ForOperator
@RunOnVirtualThread
@Produces(MediaType.APPLICATION_JSON)
@Tag(name = "operator")
@SecurityRequirement(name = "operatorKey")
class TrackerRulesResource {
    private static final int BODY_BYTES = 64 << 10;
    private static final int REASON_CHARS = 1_000;

    private final OperatorRules rules;
    private final RequestBodies bodies;

    TrackerRulesResource(OperatorRules rules, RequestBodies bodies) {
        this.rules = rules;
        this.bodies = bodies;
    }

    record ListingRequest(
            @Schema(
                    required = true,
                    enumeration = {"allow", "deny"})
            @Nullable
            String rule,

            @Schema(maxLength = REASON_CHARS, description = "Shown to operators only") @Nullable
            String reason) {}

    @Schema(name = "Listing")
    record ListingView(
            String infoHash,
            @Schema(enumeration = {"allow", "deny"}) String rule,
            @Schema(nullable = true) @Nullable String reason,
            Instant changedAt) {
        static ListingView of(ListedTorrent listed) {
            return new ListingView(
                    listed.infoHash().hex(),
                    listed.rule().name().toLowerCase(Locale.ROOT),
                    listed.reason(),
                    listed.changedAt());
        }
    }

    @Schema(name = "ListingPage")
    record ListingPage(
            List<ListingView> items,

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
    @Path("lists")
    @Operation(operationId = "listListings", summary = "List the torrents that are allowed or denied, by info-hash")
    public ListingPage lists(
            @QueryParam("cursor") @Nullable String cursor,
            @QueryParam("limit") @DefaultValue(Paging.DEFAULT_LIMIT) @Schema(type = SchemaType.INTEGER) String limit) {
        int size = Paging.limit(limit, Paging.MAX_LIMIT);
        List<ListedTorrent> found = rules.page(cursor == null ? "" : cursor, size + 1);
        return new ListingPage(
                found.stream().limit(size).map(ListingView::of).toList(),
                found.size() > size ? found.get(size - 1).infoHash().hex() : null);
    }

    @GET
    @Path("lists/{infoHash}")
    @Operation(operationId = "getListing", summary = "Get the rule for a torrent")
    public ListingView get(@PathParam("infoHash") String text) {
        return rules.of(infoHash(text))
                .map(ListingView::of)
                .orElseThrow(() -> ProblemException.of(ProblemKind.NOT_FOUND));
    }

    @PUT
    @Path("lists/{infoHash}")
    @Consumes(MediaType.APPLICATION_JSON)
    @Operation(
            operationId = "putListing",
            summary = "Allow or deny a torrent",
            description = "Allowed: served although it is not registered. Denied: not served")
    @RequestBody(required = true, content = @Content(schema = @Schema(implementation = ListingRequest.class)))
    public ListingView put(@PathParam("infoHash") String text, InputStream body, @Context HttpHeaders headers) {
        InfoHash infoHash = infoHash(text);
        ListingRequest wish = bodies.read(body, headers, BODY_BYTES, bytes -> bodies.json(bytes, ListingRequest.class));
        return ListingView.of(rules.list(infoHash, rule(wish.rule), reason(wish.reason)));
    }

    @DELETE
    @Path("lists/{infoHash}")
    @Operation(operationId = "deleteListing", summary = "Delete the rule for a torrent")
    @APIResponse(responseCode = "204", description = "Deleted")
    public Response delete(@PathParam("infoHash") String text) {
        if (!rules.unlist(infoHash(text))) {
            throw ProblemException.of(ProblemKind.NOT_FOUND);
        }
        return Response.noContent().build();
    }

    @GET
    @Path("tenants/{id}")
    @Operation(operationId = "getTenantRule", summary = "Get the rule for a tenant's users")
    public TenantRuleView tenant(@PathParam("id") String id) {
        return rules.of(Ids.parse(id))
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
        UUID tenant = Ids.parse(id);
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

    /** Accepts one form only; any other text names no torrent. */
    private static InfoHash infoHash(String text) {
        try {
            InfoHash infoHash = InfoHash.ofHex(text);
            if (infoHash.hex().equals(text)) {
                return infoHash;
            }
        } catch (IllegalArgumentException e) {
            // not found, as below
        }
        throw ProblemException.of(ProblemKind.NOT_FOUND);
    }

    private static AdmissionRecord.Rule rule(@Nullable String text) {
        return switch (text) {
            case "allow" -> AdmissionRecord.Rule.ALLOW;
            case "deny" -> AdmissionRecord.Rule.DENY;
            case null, default ->
                throw ProblemException.invalid(ProblemKind.INVALID_FIELD, "rule", "must be allow or deny");
        };
    }

    private static @Nullable String reason(@Nullable String text) {
        if (text != null && (text.length() > REASON_CHARS || text.indexOf('\0') >= 0)) {
            throw ProblemException.invalid(
                    ProblemKind.INVALID_FIELD, "reason", "must have at most " + REASON_CHARS + " characters");
        }
        return text;
    }
}
