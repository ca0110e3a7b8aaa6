package io.shoal.intake.transactions;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.quarkus.test.junit.QuarkusTest;
import io.shoal.intake.platform.OnPlatform;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import jakarta.persistence.EntityManager;
import jakarta.transaction.Transactional;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** Two transactions that lock the same things in different orders both come to an end. */
@QuarkusTest
@OnPlatform
class RetryConflictsTest {
    private static final long ONE = 7_000_001;
    private static final long OTHER = 7_000_002;

    @Inject
    Locker locker;

    /** Locks two things, and waits in between, the first time, until another has locked one of them too. */
    @ApplicationScoped
    @RetryConflicts
    static class Locker {
        private final EntityManager database;
        private final AtomicInteger attempts = new AtomicInteger();

        Locker(EntityManager database) {
            this.database = database;
        }

        @Transactional
        public void lock(long first, long second, CyclicBarrier bothHaveOne) throws Exception {
            lock(first);
            if (attempts.incrementAndGet() <= 2) {
                bothHaveOne.await(20, TimeUnit.SECONDS);
            }
            lock(second);
        }

        private void lock(long lock) {
            database.createNativeQuery("select cast(pg_advisory_xact_lock(:lock) as text)", String.class)
                    .setParameter("lock", lock)
                    .getSingleResult();
        }

        @Transactional
        public void fail() {
            attempts.incrementAndGet();
            database.createNativeQuery("select 1 / 0").getSingleResult();
        }

        int attempts() {
            return attempts.getAndSet(0);
        }
    }

    @Test
    void theOneThatTheDatabaseEndedIsRepeated() throws Exception {
        CyclicBarrier bothHaveOne = new CyclicBarrier(2);
        try (var threads = Executors.newFixedThreadPool(2)) {
            Future<?> one = threads.submit(() -> {
                locker.lock(ONE, OTHER, bothHaveOne);
                return true;
            });
            Future<?> other = threads.submit(() -> {
                locker.lock(OTHER, ONE, bothHaveOne);
                return true;
            });
            one.get();
            other.get();
        }
        assertThat(locker.attempts()).isEqualTo(3);
    }

    @Test
    void anotherFailureIsNotRepeated() {
        assertThatThrownBy(() -> locker.fail()).hasMessageContaining("division by zero");
        assertThat(locker.attempts()).isEqualTo(1);
    }
}
