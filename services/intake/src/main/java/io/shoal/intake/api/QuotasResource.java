package io.shoal.intake.api;

import io.quarkus.narayana.jta.QuarkusTransaction;
import io.shoal.intake.audit.AuditAction;
import io.shoal.intake.audit.AuditLog;
import io.shoal.intake.audit.FieldChanges;
import io.shoal.intake.quotas.Quota;
import io.shoal.intake.quotas.QuotaLimits;
import io.shoal.intake.quotas.Quotas;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.PATCH;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import java.io.InputStream;
import java.util.UUID;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.parameters.RequestBody;
import org.eclipse.microprofile.openapi.annotations.security.SecurityRequirement;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jspecify.annotations.Nullable;

/** The quotas of tenants, which the operator reads and sets. */
@Path("/v1/tenants/{id}/quota")
@ForOperator
@RunOnVirtualThread
@Produces(MediaType.APPLICATION_JSON)
@Tag(name = "operator")
@SecurityRequirement(name = "operatorKey")
class QuotasResource {
    private static final int BODY_BYTES = 64 << 10;
    private static final int MOST_ACTIVE = 10_000;
    private static final int MOST_REQUESTS = 1_000_000;

    private final Quotas quotas;
    private final RequestBodies bodies;
    private final AuditLog audit;

    QuotasResource(Quotas quotas, RequestBodies bodies, AuditLog audit) {
        this.quotas = quotas;
        this.bodies = bodies;
        this.audit = audit;
    }

    @Schema(name = "QuotaChange", description = "What is not there stays as it is")
    record QuotaChange(
            @Schema(minimum = "0") @Nullable Long storedBytes,
            @Schema(minimum = "0") @Nullable Long transfers,

            @Schema(minimum = "0", maximum = "" + MOST_ACTIVE) @Nullable
            Integer activeDownloads,

            @Schema(minimum = "0", maximum = "" + MOST_ACTIVE) @Nullable
            Integer resolving,

            @Schema(minimum = "1", maximum = "" + MOST_REQUESTS) @Nullable
            Integer requestsPerSecond,

            @Schema(minimum = "1", maximum = "" + MOST_REQUESTS) @Nullable
            Integer requestBurst,

            @Schema(minimum = "0", description = "0: no limit") @Nullable
            Long downRate,

            @Schema(minimum = "0", description = "0: no limit") @Nullable
            Long upRate) {

        QuotaLimits applyTo(QuotaLimits limits) {
            return new QuotaLimits(
                    pick("storedBytes", storedBytes, limits.storedBytes(), 0, Long.MAX_VALUE),
                    pick("transfers", transfers, limits.transfers(), 0, Long.MAX_VALUE),
                    pick("activeDownloads", activeDownloads, limits.activeDownloads(), 0, MOST_ACTIVE),
                    pick("resolving", resolving, limits.resolving(), 0, MOST_ACTIVE),
                    pick("requestsPerSecond", requestsPerSecond, limits.requestsPerSecond(), 1, MOST_REQUESTS),
                    pick("requestBurst", requestBurst, limits.requestBurst(), 1, MOST_REQUESTS),
                    pick("downRate", downRate, limits.downRate(), 0, Long.MAX_VALUE),
                    pick("upRate", upRate, limits.upRate(), 0, Long.MAX_VALUE));
        }

        private static int pick(String field, @Nullable Integer asked, int before, int least, int most) {
            return (int) pick(field, asked == null ? null : asked.longValue(), before, least, most);
        }

        private static long pick(String field, @Nullable Long asked, long before, long least, long most) {
            long value = asked == null ? before : asked;
            if (value < least || value > most) {
                throw ProblemException.invalid(
                        ProblemKind.INVALID_FIELD, field, "must be from " + least + " to " + most);
            }
            return value;
        }
    }

    @GET
    @Operation(operationId = "getQuota", summary = "Get what a tenant may use and uses")
    public QuotaView get(@PathParam("id") String id) {
        UUID tenant = Ids.require("id", id);
        return QuarkusTransaction.requiringNew().call(() -> QuotaView.of(find(tenant)));
    }

    @PATCH
    @Consumes(MediaType.APPLICATION_JSON)
    @Operation(
            operationId = "changeQuota",
            summary = "Change what a tenant may use",
            description = "Takes nothing away: what is over a lower limit stays, and further use is refused")
    @RequestBody(required = true, content = @Content(schema = @Schema(implementation = QuotaChange.class)))
    public QuotaView change(@PathParam("id") String id, InputStream body, @Context HttpHeaders headers) {
        UUID tenant = Ids.require("id", id);
        QuotaChange change = bodies.read(body, headers, BODY_BYTES, bytes -> bodies.json(bytes, QuotaChange.class));
        return QuarkusTransaction.requiringNew().call(() -> {
            QuotaLimits before = quotas.lockAndGet(tenant)
                    .orElseThrow(() -> ProblemException.of(ProblemKind.NOT_FOUND))
                    .limits();
            QuotaLimits after = change.applyTo(before);
            FieldChanges changes = changes(before, after);
            if (!changes.isEmpty()) {
                quotas.set(tenant, after);
                audit.write(AuditAction.QUOTA_CHANGED, tenant, tenant, changes.toString());
            }
            return QuotaView.of(find(tenant));
        });
    }

    private static FieldChanges changes(QuotaLimits before, QuotaLimits after) {
        return new FieldChanges()
                .field("storedBytes", before.storedBytes(), after.storedBytes())
                .field("transfers", before.transfers(), after.transfers())
                .field("activeDownloads", before.activeDownloads(), after.activeDownloads())
                .field("resolving", before.resolving(), after.resolving())
                .field("requestsPerSecond", before.requestsPerSecond(), after.requestsPerSecond())
                .field("requestBurst", before.requestBurst(), after.requestBurst())
                .field("downRate", before.downRate(), after.downRate())
                .field("upRate", before.upRate(), after.upRate());
    }

    private Quota find(UUID tenant) {
        return quotas.of(tenant).orElseThrow(() -> ProblemException.of(ProblemKind.NOT_FOUND));
    }
}
