package io.shoal.storage.records;

import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.Liveness;

/** Alive while the reader of tenants' rules turns, whether Kafka answers or not: a replica without it honours void links. */
@Liveness
@ApplicationScoped
class AdmissionReaderTurns implements HealthCheck {
    /** Much longer than a turn while Kafka is away. */
    private static final Duration LONGEST_TURN = Duration.ofMinutes(3);

    private final AdmissionReader reader;

    AdmissionReaderTurns(AdmissionReader reader) {
        this.reader = reader;
    }

    @Override
    public HealthCheckResponse call() {
        return HealthCheckResponse.named("rules for tenants are followed")
                .status(reader.sinceLastTurn().compareTo(LONGEST_TURN) < 0)
                .build();
    }
}
