package io.shoal.intake.api;

import io.quarkus.narayana.jta.QuarkusTransaction;
import io.shoal.intake.changes.LibraryChanges;
import io.shoal.intake.transfers.VisibleLibrary;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.ws.rs.DefaultValue;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;
import java.util.List;
import java.util.UUID;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.enums.SchemaType;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.security.SecurityRequirement;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jspecify.annotations.Nullable;

/** What has changed in a tenant's library. */
@Path("/v1/changes")
@ForTenant
@ForAppKeys
@RunOnVirtualThread
@Produces(MediaType.APPLICATION_JSON)
@Tag(name = "tenant")
@SecurityRequirement(name = "tenantKey")
class ChangesResource {
    private final Caller caller;
    private final LibraryChanges changes;
    private final LibraryReader library;

    ChangesResource(Caller caller, LibraryChanges changes, LibraryReader library) {
        this.caller = caller;
        this.changes = changes;
        this.library = library;
    }

    @Schema(name = "Changes")
    record ChangesView(
            @Schema(
                    description =
                            "Whether `since` is no position of this library, or older than 55 minutes: list the library again,"
                                    + " then ask for the changes since `next`")
            boolean reset,

            @Schema(description = "Transfers that were added or changed, as they are now")
            List<TransferView> changed,

            @Schema(description = "Ids of transfers that were removed")
            List<UUID> removed,

            @Schema(description = "The position after these changes")
            String next,

            @Schema(description = "Whether there are more changes now")
            boolean more) {}

    @GET
    @Operation(
            operationId = "listChanges",
            summary = "List what has changed since a position",
            description =
                    "States, names and wishes of transfers, in the order in which they changed. Rates, peers and progress"
                            + " are shown as they are but are no changes")
    public ChangesView list(
            @QueryParam("since")
                    @Schema(description = "The `next` of an answer before; without it the answer is a reset")
                    @Nullable
                    String since,
            @QueryParam("limit") @DefaultValue("" + Paging.MAX_LIMIT) @Schema(type = SchemaType.INTEGER) String limit) {
        VisibleLibrary visible = caller.library();
        int size = Paging.limit(limit, Paging.MAX_LIMIT);
        LibraryChanges.Page page = QuarkusTransaction.requiringNew()
                .call(() -> changes.since(visible.tenant(), since, visible.label(), size));
        return new ChangesView(
                page.reset(),
                library.all(visible, page.changed()).stream().map(library::view).toList(),
                page.removedFor(visible.label()),
                changes.text(page.next()),
                page.more());
    }
}
