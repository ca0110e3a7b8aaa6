package io.shoal.intake.api;

import io.quarkus.narayana.jta.QuarkusTransaction;
import io.shoal.intake.access.RequestLimit;
import io.shoal.intake.access.RequestLimits;
import io.shoal.intake.quotas.Quotas;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.Optional;
import java.util.UUID;

/** Request limits are part of a tenant's quota. */
@ApplicationScoped
class QuotaRequestLimits implements RequestLimits {
    private final Quotas quotas;

    QuotaRequestLimits(Quotas quotas) {
        this.quotas = quotas;
    }

    @Override
    public Optional<RequestLimit> of(UUID tenant) {
        return QuarkusTransaction.requiringNew()
                .call(() -> quotas.of(tenant))
                .map(quota -> new RequestLimit(
                        quota.limits().requestsPerSecond(), quota.limits().requestBurst()));
    }
}
