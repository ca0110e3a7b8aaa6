package io.shoal.intake.api;

import io.quarkus.narayana.jta.QuarkusTransaction;
import io.shoal.intake.quotas.Quotas;
import io.shoal.intake.tenants.Tenants;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import java.util.UUID;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.security.SecurityRequirement;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;

/** A tenant's view of its own account. */
@Path("/v1/account")
@ForTenant
@RunOnVirtualThread
@Produces(MediaType.APPLICATION_JSON)
@Tag(name = "tenant")
@SecurityRequirement(name = "tenantKey")
class AccountResource {
    private final Caller caller;
    private final Tenants tenants;
    private final Quotas quotas;

    AccountResource(Caller caller, Tenants tenants, Quotas quotas) {
        this.caller = caller;
        this.tenants = tenants;
        this.quotas = quotas;
    }

    @Schema(name = "Account")
    record AccountView(
            UUID tenant,
            String name,

            @Schema(
                    description =
                            "Whether it shares stored public content with other tenants: they can tell from timing and activity"
                                    + " what is there")
            boolean pooled,

            QuotaView quota) {}

    @GET
    @Operation(
            operationId = "getAccount",
            summary = "Get what the tenant may use and uses",
            description =
                    "How many transfers are in which state is at /v1/transfers/counts, and the key at /v1/keys/self")
    public AccountView get() {
        UUID tenant = caller.tenant();
        return QuarkusTransaction.requiringNew()
                .call(() -> tenants.find(tenant)
                        .flatMap(found -> quotas.of(tenant)
                                .map(quota -> new AccountView(
                                        tenant, found.name(), found.pool() != null, QuotaView.of(quota))))
                        .orElseThrow(() -> ProblemException.of(ProblemKind.UNAUTHENTICATED)));
    }
}
