package io.shoal.storage.jobs;

import jakarta.enterprise.context.ApplicationScoped;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.Liveness;

/** Alive as long as the dispatcher of jobs goes on, however long the database is away. */
@Liveness
@ApplicationScoped
class JobsAreTaken implements HealthCheck {
    private final JobRunner runner;

    JobsAreTaken(JobRunner runner) {
        this.runner = runner;
    }

    @Override
    public HealthCheckResponse call() {
        return HealthCheckResponse.named("jobs are taken")
                .status(runner.isAlive())
                .build();
    }
}
