package io.shoal.storage.records;

import jakarta.enterprise.context.ApplicationScoped;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.Liveness;

/** Alive while the reader of tenants' rules goes on, whether Kafka answers or not: a replica without it honours void links. */
@Liveness
@ApplicationScoped
class AdmissionReaderTurns implements HealthCheck {
    private final AdmissionReader reader;

    AdmissionReaderTurns(AdmissionReader reader) {
        this.reader = reader;
    }

    @Override
    public HealthCheckResponse call() {
        return HealthCheckResponse.named("rules for tenants are followed")
                .status(reader.isAlive())
                .build();
    }
}
