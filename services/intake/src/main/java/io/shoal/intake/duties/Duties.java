package io.shoal.intake.duties;

import io.quarkus.narayana.jta.QuarkusTransaction;
import io.shoal.intake.transactions.Conflicts;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.persistence.EntityManager;
import java.util.concurrent.Callable;
import org.jboss.logging.Logger;

/** Gives each duty to one replica at a time: the one that holds its advisory lock, until its transaction ends. */
@ApplicationScoped
public class Duties {
    private static final Logger LOG = Logger.getLogger(Duties.class);

    private final EntityManager database;

    Duties(EntityManager database) {
        this.database = database;
    }

    /** Inside a transaction: returns whether this replica has the duty until the transaction ends. */
    public boolean take(Duty duty) {
        return (Boolean) database.createNativeQuery("select pg_try_advisory_xact_lock(:lock)", Boolean.class)
                .setParameter("lock", duty.lock())
                .getSingleResult();
    }

    /** Does {@code work} in a transaction of its own, if this replica has the duty. A failure is logged: the next turn tries again. */
    public void run(Duty duty, Runnable work) {
        runInBatches(duty, () -> {
            work.run();
            return false;
        });
    }

    /**
     * Does {@code work}, each time in a transaction of its own, until it returns that nothing is left, it fails, or another
     * replica has the duty. A failure is logged: the next turn tries again.
     */
    public void runInBatches(Duty duty, Callable<Boolean> work) {
        try {
            boolean more = true;
            while (more) {
                more = Conflicts.retry(() -> QuarkusTransaction.requiringNew().call(() -> take(duty) && work.call()));
            }
        } catch (Exception e) { // most likely the database is away; the next turn must come in any case
            LOG.warnf("%s failed and is tried again: %s", duty, e);
        }
    }
}
