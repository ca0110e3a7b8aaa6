package io.shoal.intake.changes;

import io.quarkus.scheduler.Scheduled;
import io.shoal.intake.duties.Duties;
import io.shoal.intake.duties.Duty;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.persistence.EntityManager;
import java.time.Duration;
import java.time.Instant;

/** Deletes removals that no valid position leads to any more. */
@ApplicationScoped
class ForgottenRemovals {
    private static final Duration KEPT = Duration.ofHours(1);
    private static final int BATCH = 5_000;

    private final EntityManager database;
    private final Duties duties;

    ForgottenRemovals(EntityManager database, Duties duties) {
        this.database = database;
        this.duties = duties;
    }

    @Scheduled(
            every = "10m",
            concurrentExecution = Scheduled.ConcurrentExecution.SKIP,
            skipExecutionIf = Scheduled.ApplicationNotRunning.class)
    void forget() {
        Instant before = Instant.now().minus(KEPT);
        duties.runInBatches(Duty.FORGETTING_REMOVALS, () -> forget(before) == BATCH);
    }

    /** Inside a transaction: deletes removals before {@code moment}; returns how many. */
    int forget(Instant moment) {
        return database.createNativeQuery(
                        // Not by the key: the planner would read the whole table for each batch.
                        "delete from removed_transfer where ctid = any(array(select ctid"
                                + " from removed_transfer where removed_at < :moment order by removed_at limit :limit))")
                .setParameter("moment", moment)
                .setParameter("limit", BATCH)
                .executeUpdate();
    }
}
