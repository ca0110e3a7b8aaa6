package io.shoal.intake.api;

import io.shoal.intake.planning.Library;
import io.shoal.intake.tenants.ApiKey;
import io.shoal.intake.tenants.Tenant;
import io.shoal.intake.tenants.Tenants;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.DefaultValue;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
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

/** What the operator does: tenants and their keys. */
@Path("/v1/tenants")
@ForOperator
@RunOnVirtualThread
@Produces(MediaType.APPLICATION_JSON)
@Tag(name = "operator")
@SecurityRequirement(name = "operatorKey")
class TenantsResource {
    private static final int BODY_BYTES = 64 << 10;

    private final Tenants tenants;
    private final Library library;
    private final RequestBodies bodies;

    TenantsResource(Tenants tenants, Library library, RequestBodies bodies) {
        this.tenants = tenants;
        this.library = library;
        this.bodies = bodies;
    }

    record CreateTenantRequest(
            @Schema(required = true, minLength = 1, maxLength = Names.CHARS) @Nullable
            String name) {}

    @Schema(description = "A tenant that was just made; the key is shown this once")
    record CreatedTenant(UUID id, String name, String key, UUID keyId, Instant createdAt) {}

    @Schema(description = "A key that was just made; it is shown this once")
    record CreatedKey(UUID id, String key, Instant createdAt) {}

    record KeyView(UUID id, Instant createdAt) {}

    record TenantView(UUID id, String name, Instant createdAt, List<KeyView> keys) {}

    record TenantPage(
            List<TenantView> items,

            @Schema(nullable = true, description = "Cursor of the next page; null on the last") @Nullable
            String next) {}

    @POST
    @Consumes(MediaType.APPLICATION_JSON)
    @Operation(operationId = "createTenant", summary = "Make a tenant and its first key")
    @RequestBody(required = true, content = @Content(schema = @Schema(implementation = CreateTenantRequest.class)))
    @APIResponse(
            responseCode = "201",
            description = "Made",
            content = @Content(schema = @Schema(implementation = CreatedTenant.class)))
    public Response create(InputStream body, @Context HttpHeaders headers) {
        CreateTenantRequest wish =
                bodies.read(body, headers, BODY_BYTES, bytes -> bodies.json(bytes, CreateTenantRequest.class));
        String name = Names.read(wish.name);
        Tenants.NewTenant made = tenants.create(name);
        Tenant tenant = made.tenant();
        return Response.created(URI.create("/v1/tenants/" + tenant.id()))
                .entity(new CreatedTenant(
                        tenant.id(),
                        tenant.name(),
                        made.key().secret().text(),
                        made.key().id(),
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
        Map<UUID, List<ApiKey>> keys = tenants.keysOf(page).stream().collect(Collectors.groupingBy(ApiKey::tenant));
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
                tenant.createdAt(),
                keys.stream().map(key -> new KeyView(key.id(), key.createdAt())).toList());
    }

    @DELETE
    @Path("{id}")
    @Operation(operationId = "deleteTenant", summary = "Delete a tenant, its keys and its library")
    @APIResponse(responseCode = "204", description = "Deleted")
    public Response delete(@PathParam("id") String id) {
        return gone(library.removeTenant(Ids.parse(id)));
    }

    @POST
    @Path("{id}/keys")
    @Operation(operationId = "createKey", summary = "Make a further key of a tenant")
    @APIResponse(
            responseCode = "201",
            description = "Made",
            content = @Content(schema = @Schema(implementation = CreatedKey.class)))
    public Response addKey(@PathParam("id") String id) {
        Tenants.NewKey key =
                tenants.addKey(Ids.parse(id)).orElseThrow(() -> ProblemException.of(ProblemKind.NOT_FOUND));
        return Response.created(URI.create("/v1/tenants/" + id + "/keys/" + key.id()))
                .entity(new CreatedKey(key.id(), key.secret().text(), key.createdAt()))
                .build();
    }

    @DELETE
    @Path("{id}/keys/{keyId}")
    @Operation(operationId = "deleteKey", summary = "Withdraw a key")
    @APIResponse(responseCode = "204", description = "Withdrawn")
    public Response deleteKey(@PathParam("id") String id, @PathParam("keyId") String keyId) {
        return gone(tenants.deleteKey(Ids.parse(id), Ids.parse(keyId)));
    }

    private static Response gone(boolean wasThere) {
        if (!wasThere) {
            throw ProblemException.of(ProblemKind.NOT_FOUND);
        }
        return Response.noContent().build();
    }
}
