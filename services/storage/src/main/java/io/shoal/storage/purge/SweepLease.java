package io.shoal.storage.purge;

import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.util.UUID;
import org.jdbi.v3.core.Jdbi;

/**
 * Decides which process sweeps the bucket, and when: one at a time. A lease that is not renewed ends, and another process
 * sweeps from the beginning. All times are the database's.
 */
@ApplicationScoped
class SweepLease {
    /** Much longer than the pause between two renewals. */
    static final Duration LEASE = Duration.ofMinutes(5);

    private final Jdbi database;
    private final UUID owner = UUID.randomUUID();

    SweepLease(Jdbi database) {
        this.database = database;
    }

    /** Returns whether a sweep is due and this process is to do it. */
    boolean take() {
        return update("""
                update sweep set lease_owner = :owner, lease_until = now() + :time * interval '1 second'
                where due <= now() and (lease_until is null or lease_until < now())""", LEASE);
    }

    /** Renews the lease; returns whether this process still holds it. */
    boolean renew() {
        return update(
                "update sweep set lease_until = now() + :time * interval '1 second' where lease_owner = :owner", LEASE);
    }

    /** Ends the sweep; the next one is due after {@code time}. */
    void end(Duration time) {
        update("""
                update sweep set lease_owner = null, lease_until = null, due = now() + :time * interval '1 second'
                where lease_owner = :owner""", time);
    }

    private boolean update(String statement, Duration time) {
        return database.withHandle(handle -> handle.createUpdate(statement)
                        .bind("owner", owner)
                        .bind("time", time.toSeconds())
                        .execute())
                == 1;
    }
}
