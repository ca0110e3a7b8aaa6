package io.shoal.intake.duties;

import io.quarkus.narayana.jta.QuarkusTransaction;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.persistence.EntityManager;
import org.jboss.logging.Logger;

/** Lets one replica at a time do a duty: who gets the advisory lock, until its transaction ends. */
@ApplicationScoped
public class Duties {
    private static final Logger LOG = Logger.getLogger(Duties.class);

    private final EntityManager database;

    Duties(EntityManager database) {
        this.database = database;
    }

    /** Inside a transaction: whether the duty is ours until it ends. */
    public boolean take(Duty duty) {
        return (Boolean) database.createNativeQuery("select pg_try_advisory_xact_lock(:lock)", Boolean.class)
                .setParameter("lock", duty.lock())
                .getSingleResult();
    }

    /**
     * Does {@code work} in a transaction of its own, if the duty is ours. A failure is logged and is all: the next turn tries
     * again.
     */
    public void run(Duty duty, Runnable work) {
        try {
            QuarkusTransaction.requiringNew().run(() -> {
                if (take(duty)) {
                    work.run();
                }
            });
        } catch (RuntimeException e) { // whatever it was, most likely the database: the turn after the next must come
            LOG.warnf("%s failed and is tried again: %s", duty, e);
        }
    }
}
