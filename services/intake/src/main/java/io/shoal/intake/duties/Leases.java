package io.shoal.intake.duties;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.persistence.EntityManager;
import jakarta.transaction.Transactional;
import java.time.Duration;

/**
 * Gives work that takes longer than a transaction, for example because it waits for the store, to one replica at a time. The lease
 * of a replica that was killed lasts until it expires. The time is the database's.
 */
@ApplicationScoped
public class Leases {
    private final EntityManager database;

    Leases(EntityManager database) {
        this.database = database;
    }

    /** Returns whether the lease {@code name} is now held by the caller, for {@code duration} or until it is released. */
    @Transactional(Transactional.TxType.REQUIRES_NEW)
    public boolean take(String name, Duration duration) {
        database.createNativeQuery("delete from lease where name in (select name from lease where until < now()"
                        + " - interval '1 hour' order by name limit 100 for update skip locked)")
                .executeUpdate();
        return database.createNativeQuery(
                                "insert into lease as l (name, until) values (:name, now() + :millis * interval '1 ms')"
                                        + " on conflict (name) do update set until = excluded.until where l.until < now()")
                        .setParameter("name", name)
                        .setParameter("millis", duration.toMillis())
                        .executeUpdate()
                == 1;
    }

    /** Ends a lease that the caller holds. */
    @Transactional(Transactional.TxType.REQUIRES_NEW)
    public void release(String name) {
        database.createNativeQuery("delete from lease where name = :name")
                .setParameter("name", name)
                .executeUpdate();
    }
}
