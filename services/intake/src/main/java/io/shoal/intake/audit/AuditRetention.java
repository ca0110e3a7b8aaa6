package io.shoal.intake.audit;

import io.quarkus.scheduler.Scheduled;
import io.shoal.intake.duties.Duties;
import io.shoal.intake.duties.Duty;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.persistence.EntityManager;
import java.time.Duration;
import java.time.Instant;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/** Deletes audit entries whose retention is over. */
@ApplicationScoped
class AuditRetention {
    private static final int BATCH = 5_000;

    private final EntityManager database;
    private final Duties duties;
    private final Duration retention;

    AuditRetention(
            EntityManager database, Duties duties, @ConfigProperty(name = "shoal.audit.retention") Duration retention) {
        this.database = database;
        this.duties = duties;
        this.retention = retention;
    }

    @Scheduled(
            every = "1h",
            concurrentExecution = Scheduled.ConcurrentExecution.SKIP,
            skipExecutionIf = Scheduled.ApplicationNotRunning.class)
    void expire() {
        Instant before = Instant.now().minus(retention);
        duties.runInBatches(Duty.EXPIRING_AUDIT, () -> expire(before) == BATCH);
    }

    /** Inside a transaction: deletes entries that are older than {@code moment}; returns how many. */
    int expire(Instant moment) {
        return database.createNativeQuery(
                        "delete from audit where id in (select id from audit where at < :moment order by at limit :limit)")
                .setParameter("moment", moment)
                .setParameter("limit", BATCH)
                .executeUpdate();
    }
}
