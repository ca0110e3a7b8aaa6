package io.shoal.intake.transactions;

import java.sql.SQLException;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/** Recognizes failures that a retry can repair, and retries. */
public final class Conflicts {
    private static final Logger LOG = Logger.getLogger(Conflicts.class);
    private static final int RETRIES = 3;
    private static final String DEADLOCK = "40P01";
    private static final String SERIALIZATION_FAILURE = "40001";

    /**
     * Classes of SQL states: a connection that broke, a transaction that was ended, no room, an operator or a time limit, the system.
     * A lock that was not given in time is 55P03. A pool that gives no connection in time names no state.
     */
    private static final List<String> PASSING = List.of("08", "40", "53", "55P03", "57", "58");

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
        return hasState(failure, state -> DEADLOCK.equals(state) || SERIALIZATION_FAILURE.equals(state));
    }

    /**
     * Returns whether the database could not do its work for a reason that ends by itself: it is away, is overloaded, or ended the
     * transaction because of another one. A statement or a value that it refuses is refused again.
     */
    public static boolean isPassing(Throwable failure) {
        return hasState(failure, state -> state == null || PASSING.stream().anyMatch(state::startsWith));
    }

    private static boolean hasState(Throwable failure, Predicate<@Nullable String> test) {
        return Stream.iterate(failure, Objects::nonNull, Throwable::getCause)
                .anyMatch(cause -> cause instanceof SQLException sql && test.test(sql.getSQLState()));
    }
}
