package io.shoal.intake.events;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.runtime.Startup;
import jakarta.enterprise.context.ApplicationScoped;

/** Counts what goes wrong with event streams, from the start, so that the first failure is a rise too. */
@Startup
@ApplicationScoped
class EventMeters {
    private final Counter failures;
    private final Counter slow;
    private final Counter refused;

    EventMeters(MeterRegistry registry) {
        failures = Counter.builder("shoal.events.failures")
                .description("attempts to read changes, pages or keys for event streams that failed")
                .register(registry);
        slow = closed(registry, "slow");
        refused = closed(registry, "key");
    }

    private static Counter closed(MeterRegistry registry, String reason) {
        return Counter.builder("shoal.events.closed")
                .description(
                        "event streams that were closed, because the client did not read or its key is not valid any more")
                .tag("reason", reason)
                .register(registry);
    }

    /** Something could not be read. */
    void failed() {
        failures.increment();
    }

    /** A stream was closed because its client did not read. */
    void closedSlow() {
        slow.increment();
    }

    /** A stream was closed because its key is not valid any more. */
    void closedKey() {
        refused.increment();
    }
}
