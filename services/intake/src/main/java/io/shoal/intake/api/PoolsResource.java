package io.shoal.intake.api;

import io.shoal.intake.tenants.Pool;
import io.shoal.intake.tenants.Pools;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.DefaultValue;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.PATCH;
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
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.enums.SchemaType;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.parameters.RequestBody;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.security.SecurityRequirement;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jspecify.annotations.Nullable;

/** Pools of tenants, for the operator. A tenant enters and leaves one at {@link TenantsResource}. */
@Path("/v1/pools")
@ForOperator
@RunOnVirtualThread
@Produces(MediaType.APPLICATION_JSON)
@Tag(name = "operator")
@SecurityRequirement(name = "operatorKey")
class PoolsResource {
    private static final int BODY_BYTES = 64 << 10;

    private final Pools pools;
    private final RequestBodies bodies;

    PoolsResource(Pools pools, RequestBodies bodies) {
        this.pools = pools;
        this.bodies = bodies;
    }

    record CreatePoolRequest(
            @Schema(required = true, minLength = 1, maxLength = Names.CHARS) @Nullable
            String name) {}

    @Schema(name = "PoolRates", description = "What is not there stays as it is")
    record PoolRates(
            @Schema(minimum = "0", description = "0: no limit") @Nullable
            Long downRate,

            @Schema(minimum = "0", description = "0: no limit") @Nullable
            Long upRate) {

        void check() {
            check("downRate", downRate);
            check("upRate", upRate);
        }

        private static void check(String field, @Nullable Long rate) {
            if (rate != null && rate < 0) {
                throw ProblemException.invalid(ProblemKind.INVALID_FIELD, field, "must not be negative");
            }
        }
    }

    @Schema(name = "Pool", description = "Tenants that share stored public content")
    record PoolView(
            UUID id,
            String name,

            @Schema(description = "How many tenants are in it")
            long tenants,

            @Schema(description = "Bytes per second that its torrents may receive, all together; 0: no limit")
            long downRate,

            @Schema(description = "Bytes per second that its torrents may send, all together; 0: no limit")
            long upRate,

            Instant createdAt) {}

    record PoolPage(
            List<PoolView> items,

            @Schema(nullable = true, description = "Cursor of the next page; null on the last") @Nullable
            String next) {}

    @POST
    @Consumes(MediaType.APPLICATION_JSON)
    @Operation(operationId = "createPool", summary = "Create a pool")
    @RequestBody(required = true, content = @Content(schema = @Schema(implementation = CreatePoolRequest.class)))
    @APIResponse(
            responseCode = "201",
            description = "Created",
            content = @Content(schema = @Schema(implementation = PoolView.class)))
    public Response create(InputStream body, @Context HttpHeaders headers) {
        CreatePoolRequest wish =
                bodies.read(body, headers, BODY_BYTES, bytes -> bodies.json(bytes, CreatePoolRequest.class));
        Pool pool = pools.create(Names.read(wish.name));
        return Response.created(URI.create("/v1/pools/" + pool.id()))
                .entity(view(pool, Map.of()))
                .build();
    }

    @GET
    @Operation(operationId = "listPools", summary = "List pools, newest first")
    public PoolPage list(
            @QueryParam("cursor") @Nullable String cursor,
            @QueryParam("limit") @DefaultValue(Paging.DEFAULT_LIMIT) @Schema(type = SchemaType.INTEGER) String limit) {
        int size = Paging.limit(limit, Paging.MAX_LIMIT);
        Paging.Mark mark = Paging.Mark.parse(cursor);
        List<Pool> found = pools.page(mark == null ? null : new Pools.Position(mark.createdAt(), mark.id()), size + 1);
        List<Pool> page = found.subList(0, Math.min(size, found.size()));
        Map<UUID, Long> tenants = pools.tenantsOf(page);
        return new PoolPage(
                page.stream().map(pool -> view(pool, tenants)).toList(),
                Paging.next(found, size, pool -> new Paging.Mark(pool.createdAt(), pool.id())));
    }

    @GET
    @Path("{id}")
    @Operation(operationId = "getPool", summary = "Get a pool")
    public PoolView get(@PathParam("id") String id) {
        Pool pool = pools.find(Ids.require("id", id)).orElseThrow(() -> ProblemException.of(ProblemKind.NOT_FOUND));
        return view(pool, pools.tenantsOf(List.of(pool)));
    }

    @PATCH
    @Path("{id}")
    @Consumes(MediaType.APPLICATION_JSON)
    @Operation(
            operationId = "changePool",
            summary = "Change the rates of a pool",
            description =
                    "They are shared by the torrents that belong to the pool. The rates of its members do not apply"
                            + " to these")
    @RequestBody(required = true, content = @Content(schema = @Schema(implementation = PoolRates.class)))
    public PoolView change(@PathParam("id") String id, InputStream body, @Context HttpHeaders headers) {
        UUID pool = Ids.require("id", id);
        PoolRates rates = bodies.read(body, headers, BODY_BYTES, bytes -> bodies.json(bytes, PoolRates.class));
        rates.check();
        Pool changed = pools.setRates(pool, rates.downRate, rates.upRate)
                .orElseThrow(() -> ProblemException.of(ProblemKind.NOT_FOUND));
        return view(changed, pools.tenantsOf(List.of(changed)));
    }

    @DELETE
    @Path("{id}")
    @Operation(
            operationId = "deletePool",
            summary = "Delete a pool that is not in use",
            description = "Refused while a tenant is in it, or content belongs to it that is not purged")
    @APIResponse(responseCode = "204", description = "Deleted")
    public Response delete(@PathParam("id") String id) {
        if (!pools.delete(Ids.require("id", id))) {
            throw ProblemException.of(ProblemKind.NOT_FOUND);
        }
        return Response.noContent().build();
    }

    private static PoolView view(Pool pool, Map<UUID, Long> tenants) {
        return new PoolView(
                pool.id(),
                pool.name(),
                tenants.getOrDefault(pool.id(), 0L),
                pool.downRate(),
                pool.upRate(),
                pool.createdAt());
    }
}
