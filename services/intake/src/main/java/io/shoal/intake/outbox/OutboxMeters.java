package io.shoal.intake.outbox;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.MeterBinder;
import io.quarkus.narayana.jta.QuarkusTransaction;
import io.quarkus.scheduler.Scheduled;
import io.shoal.intake.outbox.DirtyKeys.Backlog;
import jakarta.enterprise.context.ApplicationScoped;
import org.jboss.logging.Logger;

/**
 * Gauges of the keys that wait in the outbox. The table is queried every few seconds and not when the gauges are read, because
 * reading them must not wait for a database that is away.
 */
@ApplicationScoped
class OutboxMeters implements MeterBinder {
    private static final Logger LOG = Logger.getLogger(OutboxMeters.class);

    private final DirtyKeys keys;
    private volatile Backlog backlog = Backlog.NONE;

    OutboxMeters(DirtyKeys keys) {
        this.keys = keys;
    }

    @Override
    public void bindTo(MeterRegistry registry) {
        Gauge.builder("shoal.outbox.keys", this, meters -> meters.backlog.keys())
                .description(
                        "keys whose record on Kafka is older than the database, without those that are set aside; at most "
                                + DirtyKeys.COUNTED + " are counted")
                .register(registry);
        Gauge.builder("shoal.outbox.oldest.seconds", this, meters -> meters.backlog.oldestSeconds())
                .description("for how long the oldest of them has waited, without those of low priority")
                .register(registry);
        Gauge.builder("shoal.outbox.blocked", this, meters -> meters.backlog.blocked())
                .description("keys that are set aside because their record cannot be published")
                .register(registry);
    }

    @Scheduled(every = "5s", concurrentExecution = Scheduled.ConcurrentExecution.SKIP)
    void refresh() {
        try {
            backlog = QuarkusTransaction.requiringNew().call(keys::backlog);
        } catch (RuntimeException e) { // the database is away: the last figures stay
            LOG.debug("the outbox cannot be counted", e);
        }
    }
}
