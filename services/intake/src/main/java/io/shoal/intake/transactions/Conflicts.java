package io.shoal.intake.transactions;

import java.sql.SQLException;
import java.util.concurrent.Callable;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.locks.LockSupport;
import org.jboss.logging.Logger;

/** Recognizes failures that a retry can repair, and retries. */
public final class Conflicts {
    private static final Logger LOG = Logger.getLogger(Conflicts.class);
    private static final int RETRIES = 3;
    private static final String DEADLOCK = "40P01";
    private static final String SERIALIZATION_FAILURE = "40001";

    /** A random part of the pause keeps two transactions from conflicting again at once. */
    private static final long PAUSE_NANOS = 20_000_000;

    private Conflicts() {}

    /** Calls {@code work}, which begins a transaction of its own, again while the database reports a conflict. */
    public static <T> T retry(Callable<T> work) throws Exception {
        for (int retry = 1; ; retry++) {
            try {
                return work.call();
            } catch (Exception e) {
                if (retry > RETRIES || !isConflict(e)) {
                    throw e;
                }
                LOG.debugf("a transaction met another one and is repeated: %s", e);
                LockSupport.parkNanos(ThreadLocalRandom.current().nextLong(PAUSE_NANOS) * retry);
            }
        }
    }

    /** Returns whether the database ended the transaction because of another one. */
    public static boolean isConflict(Throwable failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof SQLException sql
                    && (DEADLOCK.equals(sql.getSQLState()) || SERIALIZATION_FAILURE.equals(sql.getSQLState()))) {
                return true;
            }
        }
        return false;
    }
}
