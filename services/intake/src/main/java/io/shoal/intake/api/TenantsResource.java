package io.shoal.intake.api;

import io.shoal.intake.tenants.ApiKey;
import io.shoal.intake.tenants.ApiKeys;
import io.shoal.intake.tenants.NoSuchPoolException;
import io.shoal.intake.tenants.Pools;
import io.shoal.intake.tenants.Tenant;
import io.shoal.intake.tenants.TenantState;
import io.shoal.intake.tenants.Tenants;
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
import java.net.URI;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Collectors;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.enums.SchemaType;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.parameters.RequestBody;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.security.SecurityRequirement;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jspecify.annotations.Nullable;

/** Tenants and their keys, for the operator. */
@Path("/v1/tenants")
@ForOperator
@RunOnVirtualThread
@Produces(MediaType.APPLICATION_JSON)
@Tag(name = "operator")
@SecurityRequirement(name = "operatorKey")
class TenantsResource {
    private static final int BODY_BYTES = 64 << 10;

    private final Tenants tenants;
    private final ApiKeys apiKeys;
    private final Pools pools;
    private final RequestBodies bodies;

    TenantsResource(Tenants tenants, ApiKeys apiKeys, Pools pools, RequestBodies bodies) {
        this.tenants = tenants;
        this.apiKeys = apiKeys;
        this.pools = pools;
        this.bodies = bodies;
    }

    record CreateTenantRequest(
            @Schema(required = true, minLength = 1, maxLength = Names.CHARS) @Nullable
            String name,

            @Schema(
                    format = "uuid",
                    nullable = true,
                    description = "The pool that it shares public content with; else none")
            @Nullable
            String pool) {}

    @Schema(description = "A new tenant; its key is shown only once")
    record CreatedTenant(
            UUID id,
            String name,
            @Schema(nullable = true) @Nullable UUID pool,
            String key,
            UUID keyId,
            Instant createdAt) {}

    @Schema(name = "Tenant")
    record TenantView(
            UUID id,
            String name,

            @Schema(
                    description =
                            "SUSPENDED: its keys, links and passkeys are refused until it is resumed. DELETING: its keys"
                                    + " are gone and its library is being removed")
            TenantState state,

            @Schema(nullable = true, description = "The pool that it shares public content with; null: none") @Nullable
            UUID pool,

            Instant createdAt,
            List<KeyView> keys) {}

    record TenantPage(
            List<TenantView> items,

            @Schema(nullable = true, description = "Cursor of the next page; null on the last") @Nullable
            String next) {}

    @POST
    @Consumes(MediaType.APPLICATION_JSON)
    @Operation(operationId = "createTenant", summary = "Create a tenant and its first key")
    @RequestBody(required = true, content = @Content(schema = @Schema(implementation = CreateTenantRequest.class)))
    @APIResponse(
            responseCode = "201",
            description = "Created",
            content = @Content(schema = @Schema(implementation = CreatedTenant.class)))
    public Response create(InputStream body, @Context HttpHeaders headers) {
        CreateTenantRequest wish =
                bodies.read(body, headers, BODY_BYTES, bytes -> bodies.json(bytes, CreateTenantRequest.class));
        String name = Names.read(wish.name);
        Tenants.NewTenant made = tenants.create(name, pool(wish.pool));
        Tenant tenant = made.tenant();
        return Response.created(URI.create("/v1/tenants/" + tenant.id()))
                .entity(new CreatedTenant(
                        tenant.id(),
                        tenant.name(),
                        tenant.pool(),
                        made.key().secret().text(),
                        made.key().key().id(),
                        tenant.createdAt()))
                .build();
    }

    @GET
    @Operation(operationId = "listTenants", summary = "List tenants, newest first")
    public TenantPage list(
            @QueryParam("cursor") @Nullable String cursor,
            @QueryParam("limit") @DefaultValue(Paging.DEFAULT_LIMIT) @Schema(type = SchemaType.INTEGER) String limit) {
        int size = Paging.limit(limit, Paging.MAX_LIMIT);
        Paging.Mark mark = Paging.Mark.parse(cursor);
        List<Tenant> found =
                tenants.page(mark == null ? null : new Tenants.Position(mark.createdAt(), mark.id()), size + 1);
        List<Tenant> page = found.subList(0, Math.min(size, found.size()));
        Map<UUID, List<ApiKey>> keys = apiKeys.of(page.stream().map(Tenant::id).toList()).stream()
                .collect(Collectors.groupingBy(ApiKey::tenant));
        return new TenantPage(
                page.stream()
                        .map(tenant -> view(tenant, keys.getOrDefault(tenant.id(), List.of())))
                        .toList(),
                Paging.next(found, size, tenant -> new Paging.Mark(tenant.createdAt(), tenant.id())));
    }

    private static TenantView view(Tenant tenant, List<ApiKey> keys) {
        return new TenantView(
                tenant.id(),
                tenant.name(),
                tenant.state(),
                tenant.pool(),
                tenant.createdAt(),
                keys.stream().map(KeyView::of).toList());
    }

    @DELETE
    @Path("{id}")
    @Operation(
            operationId = "deleteTenant",
            summary = "Delete a tenant, its keys and its library",
            description =
                    "Keys, links and passkeys are void at once; the library is removed in the background. Until then the"
                            + " tenant is DELETING, and afterwards it is not found")
    @APIResponse(
            responseCode = "202",
            description = "Being deleted",
            content = @Content(schema = @Schema(implementation = TenantView.class)))
    public Response delete(@PathParam("id") String id) {
        return Response.accepted(tenant(tenants.delete(Ids.require("id", id)))).build();
    }

    @GET
    @Path("{id}")
    @Operation(operationId = "getTenant", summary = "Get a tenant")
    public TenantView get(@PathParam("id") String id) {
        return tenant(tenants.find(Ids.require("id", id)));
    }

    @POST
    @Path("{id}/suspend")
    @Operation(
            operationId = "suspendTenant",
            summary = "Suspend a tenant",
            description =
                    "Its keys answer 403 with the code suspended, its event streams end, its passkeys admit nothing, and"
                            + " links that it made so far are void for good. Its library is kept")
    public TenantView suspend(@PathParam("id") String id) {
        return tenant(tenants.suspend(Ids.require("id", id)));
    }

    @POST
    @Path("{id}/resume")
    @Operation(operationId = "resumeTenant", summary = "Resume a suspended tenant")
    public TenantView resume(@PathParam("id") String id) {
        return tenant(tenants.resume(Ids.require("id", id)));
    }

    private TenantView tenant(Optional<Tenant> found) {
        Tenant tenant = found.orElseThrow(() -> ProblemException.of(ProblemKind.NOT_FOUND));
        return view(tenant, apiKeys.of(tenant.id()));
    }

    @POST
    @Path("{id}/keys")
    @Operation(operationId = "createKey", summary = "Create another key of a tenant, with all scopes")
    @APIResponse(
            responseCode = "201",
            description = "Created",
            content = @Content(schema = @Schema(implementation = CreatedKey.class)))
    public Response addKey(@PathParam("id") String id) {
        ApiKeys.NewKey made = apiKeys.createByOperator(Ids.require("id", id))
                .orElseThrow(() -> ProblemException.of(ProblemKind.NOT_FOUND));
        return Response.created(
                        URI.create("/v1/tenants/" + id + "/keys/" + made.key().id()))
                .entity(CreatedKey.of(made))
                .build();
    }

    @DELETE
    @Path("{id}/keys/{keyId}")
    @Operation(operationId = "deleteKey", summary = "Revoke a key, whichever are left")
    @APIResponse(responseCode = "204", description = "Revoked")
    public Response deleteKey(@PathParam("id") String id, @PathParam("keyId") String keyId) {
        return gone(apiKeys.revokeByOperator(Ids.require("id", id), Ids.require("keyId", keyId)));
    }

    record PoolRequest(
            @Schema(required = true, format = "uuid") @Nullable
            String pool) {}

    @Schema(name = "PoolMembership")
    record PoolMembershipView(
            @Schema(nullable = true, description = "The pool that the tenant is in; null: none") @Nullable
            UUID pool,

            @Schema(
                    description =
                            "Transfers that were added before, and stay with the content of their former owner, the"
                                    + " tenant or a pool, until they are removed")
            long stayingTransfers) {}

    @PUT
    @Path("{id}/pool")
    @Consumes(MediaType.APPLICATION_JSON)
    @Operation(
            operationId = "enterPool",
            summary = "Put a tenant into a pool",
            description =
                    "Public torrents that the tenant adds from now on are stored once for the pool. Members can tell from"
                            + " timing and activity that content is there: tell the tenant first")
    @RequestBody(required = true, content = @Content(schema = @Schema(implementation = PoolRequest.class)))
    public PoolMembershipView enterPool(@PathParam("id") String id, InputStream body, @Context HttpHeaders headers) {
        UUID tenant = Ids.require("id", id);
        PoolRequest wish = bodies.read(body, headers, BODY_BYTES, bytes -> bodies.json(bytes, PoolRequest.class));
        UUID pool = pool(wish.pool);
        if (pool == null) {
            throw new NoSuchPoolException();
        }
        return view(pools.assign(tenant, pool));
    }

    @DELETE
    @Path("{id}/pool")
    @Operation(
            operationId = "leavePool",
            summary = "Take a tenant out of its pool",
            description = "What the tenant adds from now on is its own")
    public PoolMembershipView leavePool(@PathParam("id") String id) {
        return view(pools.assign(Ids.require("id", id), null));
    }

    private static PoolMembershipView view(Optional<Pools.Membership> found) {
        Pools.Membership membership = found.orElseThrow(() -> ProblemException.of(ProblemKind.NOT_FOUND));
        return new PoolMembershipView(membership.pool(), membership.staying());
    }

    private static @Nullable UUID pool(@Nullable String text) {
        if (text == null) {
            return null;
        }
        try {
            return UUID.fromString(text);
        } catch (IllegalArgumentException e) {
            throw new NoSuchPoolException();
        }
    }

    private static Response gone(boolean wasThere) {
        if (!wasThere) {
            throw ProblemException.of(ProblemKind.NOT_FOUND);
        }
        return Response.noContent().build();
    }
}
