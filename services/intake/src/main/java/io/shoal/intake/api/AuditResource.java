package io.shoal.intake.api;

import io.shoal.intake.audit.Actor;
import io.shoal.intake.audit.AuditEntry;
import io.shoal.intake.audit.AuditLog;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.ws.rs.DefaultValue;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.enums.SchemaType;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.security.SecurityRequirement;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jspecify.annotations.Nullable;

/** The audit log: actions of operators and keys. */
@Path("/v1/audit")
@ForOperator
@RunOnVirtualThread
@Produces(MediaType.APPLICATION_JSON)
@Tag(name = "operator")
@SecurityRequirement(name = "operatorKey")
class AuditResource {
    private final AuditLog audit;

    AuditResource(AuditLog audit) {
        this.audit = audit;
    }

    @Schema(name = "AuditActor")
    record ActorView(
            @Schema(description = "An operator key, a tenant's API key, or the service itself in the background")
            Actor.Kind kind,

            @Schema(nullable = true, description = "The id of the key") @Nullable
            String id,

            @Schema(nullable = true, description = "The address from which the request came") @Nullable
            String address) {}

    @Schema(name = "AuditEntry")
    record EntryView(
            UUID id,
            Instant at,
            ActorView actor,

            @Schema(description = "What was done", examples = "tenant-suspended")
            String action,

            @Schema(nullable = true, description = "The tenant that it is about") @Nullable
            UUID tenant,

            @Schema(description = "The id of the tenant, key or passkey, or the info-hash")
            String subject,

            @Schema(
                    nullable = true,
                    description = "What was changed, as `field: old -> new`, or what else says more than the action")
            @Nullable
            String detail) {
        static EntryView of(AuditEntry entry) {
            Actor actor = entry.actor();
            return new EntryView(
                    entry.id(),
                    entry.at(),
                    new ActorView(actor.kind(), actor.id(), actor.address()),
                    entry.action().code(),
                    entry.tenant(),
                    entry.subject(),
                    entry.detail());
        }
    }

    @Schema(name = "AuditPage")
    record EntryPage(
            List<EntryView> items,

            @Schema(nullable = true, description = "Cursor of the next page; null on the last") @Nullable
            String next) {}

    @GET
    @Operation(
            operationId = "listAudit",
            summary = "List what operators and keys did, newest first",
            description =
                    "Entries outlive their tenant and are kept for 400 days, unless the deployment configures otherwise")
    public EntryPage list(
            @QueryParam("tenant") @Schema(format = "uuid", description = "Only entries about this tenant") @Nullable
                    String tenant,
            @QueryParam("cursor") @Nullable String cursor,
            @QueryParam("limit") @DefaultValue(Paging.DEFAULT_LIMIT) @Schema(type = SchemaType.INTEGER) String limit) {
        int size = Paging.limit(limit, Paging.MAX_LIMIT);
        Paging.Mark mark = Paging.Mark.parse(cursor);
        List<AuditEntry> found = audit.page(
                tenant == null ? null : Ids.require("tenant", tenant),
                mark == null ? null : new AuditLog.Position(mark.createdAt(), mark.id()),
                size + 1);
        return new EntryPage(
                found.stream().limit(size).map(EntryView::of).toList(),
                Paging.next(found, size, entry -> new Paging.Mark(entry.at(), entry.id())));
    }
}
