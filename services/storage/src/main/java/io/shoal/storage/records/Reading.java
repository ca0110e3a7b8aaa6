package io.shoal.storage.records;

import jakarta.enterprise.context.ApplicationScoped;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.Liveness;

/** Alive as long as the catalog's reader goes on, however long Kafka, the store or the database are away. */
@Liveness
@ApplicationScoped
class Reading implements HealthCheck {
    private final CatalogReader reader;

    Reading(CatalogReader reader) {
        this.reader = reader;
    }

    @Override
    public HealthCheckResponse call() {
        return HealthCheckResponse.named("catalog is read")
                .status(reader.isAlive())
                .build();
    }
}
