package io.shoal.swarm.worker;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.inject.Produces;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.Liveness;
import org.eclipse.microprofile.health.Readiness;

/**
 * The health checks of the worker. It is ready when it has joined the group, and alive as long as it makes attempts,
 * however long Kafka or the store are unavailable.
 */
@ApplicationScoped
public class WorkerHealth {
    private final Worker worker;

    WorkerHealth(Worker worker) {
        this.worker = worker;
    }

    @Produces
    @Readiness
    @ApplicationScoped
    HealthCheck ready() {
        return () -> response("group", worker.isReady());
    }

    @Produces
    @Liveness
    @ApplicationScoped
    HealthCheck alive() {
        return () -> response("ownership", worker.isAlive());
    }

    private static HealthCheckResponse response(String name, boolean up) {
        return HealthCheckResponse.named(name).status(up).build();
    }
}
