package io.shoal.intake.api;

import io.quarkus.narayana.jta.QuarkusTransaction;
import io.shoal.intake.quotas.Quotas;
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
    private final Quotas quotas;

    AccountResource(Caller caller, Quotas quotas) {
        this.caller = caller;
        this.quotas = quotas;
    }

    @Schema(name = "Account")
    record AccountView(UUID tenant, QuotaView quota) {}

    @GET
    @Operation(operationId = "getAccount", summary = "Get what the tenant may use and uses")
    public AccountView get() {
        UUID tenant = caller.tenant();
        return QuarkusTransaction.requiringNew()
                .call(() -> quotas.of(tenant)
                        .map(quota -> new AccountView(tenant, QuotaView.of(quota)))
                        .orElseThrow(() -> ProblemException.of(ProblemKind.UNAUTHENTICATED)));
    }
}
