package io.shoal.storage.records;

import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.Readiness;

/**
 * Ready once the rules for tenants have been read, so that a new replica honours no void link; but a Kafka that is slow does not
 * hold it up for longer than {@link #PATIENCE}, because then all other links matter more.
 */
@Readiness
@ApplicationScoped
class TenantRulesRead implements HealthCheck {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private final AdmissionReader reader;
    private final long begun = System.nanoTime();

    TenantRulesRead(AdmissionReader reader) {
        this.reader = reader;
    }

    @Override
    public HealthCheckResponse call() {
        boolean read = reader.isCaughtUp();
        return HealthCheckResponse.named("rules for tenants are read")
                .status(read || System.nanoTime() - begun > PATIENCE.toNanos())
                .withData("read", read)
                .build();
    }
}
