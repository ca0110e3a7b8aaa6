package io.shoal.tracker;

import jakarta.enterprise.context.ApplicationScoped;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.Readiness;

/**
 * Ready when announces get right answers: not before all registered torrents are known (an open tracker does not wait for them) and
 * the changes of the other replicas are applied, not while it stops.
 */
@Readiness
@ApplicationScoped
final class TrackerReadiness implements HealthCheck {
    private final TrackerService tracker;

    TrackerReadiness(TrackerService tracker) {
        this.tracker = tracker;
    }

    @Override
    public HealthCheckResponse call() {
        return HealthCheckResponse.named("torrents and peers are known and announces are answered")
                .status(tracker.isReady())
                .build();
    }
}
