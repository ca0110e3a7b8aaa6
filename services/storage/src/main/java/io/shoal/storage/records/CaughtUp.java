package io.shoal.storage.records;

import jakarta.enterprise.context.ApplicationScoped;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.Readiness;

/**
 * Ready once the catalog has caught up with Kafka. After that Kafka, the store and the database may go away: links to files that
 * this replica has found complete are followed without them, and others are answered with a problem.
 */
@Readiness
@ApplicationScoped
class CaughtUp implements HealthCheck {
    private final CatalogReader reader;

    CaughtUp(CatalogReader reader) {
        this.reader = reader;
    }

    @Override
    public HealthCheckResponse call() {
        return HealthCheckResponse.named("catalog has caught up")
                .status(reader.isCaughtUp())
                .build();
    }
}
