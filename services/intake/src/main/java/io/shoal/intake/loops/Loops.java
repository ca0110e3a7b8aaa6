package io.shoal.intake.loops;

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
 * notice that one is missing.
 */
@ApplicationScoped
public class Loops {
    private static final Logger LOG = Logger.getLogger(Loops.class);

    private final LoopWatch prerequisites = new LoopWatch();
    private final LoopWatch statusReader = new LoopWatch();
    private final LoopWatch transitionsReader = new LoopWatch();
    private final LoopWatch transitions = new LoopWatch();
    private final LoopWatch storedSegments = new LoopWatch();
    private final LoopWatch relay = new LoopWatch();
    private final LoopWatch eventChanges = new LoopWatch();
    private final LoopWatch eventFigures = new LoopWatch();

    public LoopWatch prerequisites() {
        return prerequisites;
    }

    public LoopWatch statusReader() {
        return statusReader;
    }

    public LoopWatch transitionsReader() {
        return transitionsReader;
    }

    /** Returns the watch of all threads that act upon statuses: it is silent when none of them goes on, and dead when one has died. */
    public LoopWatch transitions() {
        return transitions;
    }

    public LoopWatch storedSegments() {
        return storedSegments;
    }

    public LoopWatch relay() {
        return relay;
    }

    public LoopWatch eventChanges() {
        return eventChanges;
    }

    public LoopWatch eventFigures() {
        return eventFigures;
    }

    /** Logs the error that ended a loop, and ends the process. */
    public static void died(Throwable cause) {
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

    @Produces
    @Liveness
    @ApplicationScoped
    HealthCheck transitionsAlive() {
        return () -> response("transitions", transitions);
    }

    @Produces
    @Liveness
    @ApplicationScoped
    HealthCheck storedSegmentsAlive() {
        return () -> response("stored segments", storedSegments);
    }

    @Produces
    @Liveness
    @ApplicationScoped
    HealthCheck relayAlive() {
        return () -> response("outbox relay", relay);
    }

    @Produces
    @Liveness
    @ApplicationScoped
    HealthCheck eventChangesAlive() {
        return () -> response("event changes", eventChanges);
    }

    @Produces
    @Liveness
    @ApplicationScoped
    HealthCheck eventFiguresAlive() {
        return () -> response("event figures", eventFigures);
    }

    private static HealthCheckResponse response(String name, LoopWatch loop) {
        return HealthCheckResponse.named(name).status(loop.isAlive()).build();
    }
}
