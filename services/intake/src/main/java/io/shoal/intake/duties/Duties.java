package io.shoal.intake.duties;

import io.quarkus.narayana.jta.QuarkusTransaction;
import io.shoal.intake.transactions.Conflicts;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.persistence.EntityManager;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.ThreadLocalRandom;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jboss.logging.Logger;

/**
 * Gives each duty to one replica at a time: the one that holds its advisory lock, until its transaction ends.
 *
 * <p>Each of n replicas leaves out all but about every nth of its scheduled turns, which are chosen at random: together the
 * replicas query the database as often as one alone. If some of them are away the turns are further apart, and none is lost.
 */
@ApplicationScoped
public class Duties {
    private static final Logger LOG = Logger.getLogger(Duties.class);

    private final EntityManager database;
    private final int replicas;

    Duties(EntityManager database, @ConfigProperty(name = "shoal.replicas") int replicas) {
        this.database = database;
        this.replicas = replicas;
    }

    /** Returns whether this replica uses a turn of its schedule. */
    public boolean isTurn() {
        return ThreadLocalRandom.current().nextInt(replicas) == 0;
    }

    /** Returns how long this replica waits between two queries of which all replicas together make one in each {@code interval}. */
    public Duration share(Duration interval) {
        return interval.multipliedBy(replicas);
    }

    /** Inside a transaction: returns whether this replica has the duty until the transaction ends. */
    public boolean take(Duty duty) {
        return (Boolean) database.createNativeQuery("select pg_try_advisory_xact_lock(:lock)", Boolean.class)
                .setParameter("lock", duty.lock())
                .getSingleResult();
    }

    /** At a scheduled turn: does {@code work} in a transaction of its own, if this replica has the duty. A failure is logged: the next turn tries again. */
    public void run(Duty duty, Runnable work) {
        runInBatches(duty, () -> {
            work.run();
            return false;
        });
    }

    /** As {@link #complete}, at a scheduled turn. */
    public void runInBatches(Duty duty, Callable<Boolean> work) {
        if (isTurn()) {
            complete(duty, work);
        }
    }

    /**
     * Does {@code work}, each time in a transaction of its own, until it returns that nothing is left, it fails, or another
     * replica has the duty. A failure is logged: the next turn tries again.
     */
    public void complete(Duty duty, Callable<Boolean> work) {
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
