package io.shoal.tracker;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.inject.Produces;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.Liveness;

/** The tracker's readers as liveness sees them: alive as long as they go on, however long Kafka is away. */
@ApplicationScoped
class TrackerLiveness {
    private final TrackerService tracker;

    TrackerLiveness(TrackerService tracker) {
        this.tracker = tracker;
    }

    @Produces
    @Liveness
    @ApplicationScoped
    HealthCheck admission() {
        return () -> response("admission is read", tracker.isReadingState());
    }

    @Produces
    @Liveness
    @ApplicationScoped
    HealthCheck replicas() {
        return () -> response("other replicas are read", tracker.isReadingReplicas());
    }

    private static HealthCheckResponse response(String name, boolean up) {
        return HealthCheckResponse.named(name).status(up).build();
    }
}
