package io.shoal.intake.records;

import io.quarkus.runtime.Quarkus;
import io.shoal.contracts.loops.LoopWatch;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.inject.Produces;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.Liveness;
import org.jboss.logging.Logger;

/**
 * The loops of this service as liveness sees them. A loop that ends with an error ends the process: otherwise only the tenants would
 * notice that a reader is missing.
 */
@ApplicationScoped
class Loops {
    private static final Logger LOG = Logger.getLogger(Loops.class);

    private final LoopWatch prerequisites = new LoopWatch();
    private final LoopWatch statusReader = new LoopWatch();
    private final LoopWatch transitionsReader = new LoopWatch();

    LoopWatch prerequisites() {
        return prerequisites;
    }

    LoopWatch statusReader() {
        return statusReader;
    }

    LoopWatch transitionsReader() {
        return transitionsReader;
    }

    /** Logs the error that ended a loop, and ends the process. */
    static void died(Throwable cause) {
        LOG.fatalf(
                cause,
                "%s has ended, and this process with it",
                Thread.currentThread().getName());
        Quarkus.asyncExit(1);
    }

    @Produces
    @Liveness
    @ApplicationScoped
    HealthCheck prerequisitesAlive() {
        return () -> response("prerequisites", prerequisites);
    }

    @Produces
    @Liveness
    @ApplicationScoped
    HealthCheck statusReaderAlive() {
        return () -> response("status reader", statusReader);
    }

    @Produces
    @Liveness
    @ApplicationScoped
    HealthCheck transitionsReaderAlive() {
        return () -> response("transitions reader", transitionsReader);
    }

    private static HealthCheckResponse response(String name, LoopWatch loop) {
        return HealthCheckResponse.named(name).status(loop.isAlive()).build();
    }
}
