package io.shoal.intake.outbox;

import io.quarkus.narayana.jta.QuarkusTransaction;
import io.quarkus.runtime.ShutdownEvent;
import io.shoal.contracts.loops.OutageLog;
import io.shoal.contracts.topics.Topic;
import io.shoal.intake.duties.Duties;
import io.shoal.intake.duties.Duty;
import io.shoal.intake.outbox.DirtyKeys.DirtyKey;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.event.TransactionPhase;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Publishes dirty keys, one replica at a time. For each it reads the current state, publishes it, and deletes the key unless it was
 * marked again meanwhile. If anything fails between the two, the key is published once more, which does no harm.
 *
 * <p>Invariant: no key holds up another. A batch that fails is published one key at a time; a key whose record cannot be made, or
 * that the broker refuses, is set aside until it is marked again or an hour has passed. Only a database or a broker that is away
 * makes all keys wait.
 *
 * <p>Slices go last: a worker acts on one at once, and announces to trackers that must know its torrent and its passkey by
 * then. A client that is refused waits long before it announces again.
 */
@ApplicationScoped
public class Relay {
    private static final Logger LOG = LoggerFactory.getLogger(Relay.class);
    private static final int BATCH = 100;

    /** How soon keys that another replica has marked are found, and how soon an unreachable broker is tried again. */
    private static final Duration PAUSE = Duration.ofSeconds(1);

    private static final int TRANSACTION_SECONDS = 60;

    private final DirtyKeys keys;
    private final Duties duties;
    private final DesiredState desired;
    private final Publisher publisher;
    private final OutageLog outage = new OutageLog(LOG, "database or broker for the outbox");
    private final Semaphore work = new Semaphore(0);
    private @Nullable Thread thread;
    private volatile boolean ending;

    Relay(DirtyKeys keys, Duties duties, DesiredState desired, Publisher publisher) {
        this.keys = keys;
        this.duties = duties;
        this.desired = desired;
        this.publisher = publisher;
    }

    void end(@Observes ShutdownEvent event) throws InterruptedException {
        stop();
    }

    void wake(@Observes(during = TransactionPhase.AFTER_SUCCESS) Outbox.Dirtied event) {
        work.release();
    }

    /** Begins to publish. The topics must exist: a broker that creates topics automatically would create wrong ones. */
    public synchronized void start() {
        if (thread == null) {
            ending = false;
            thread = Thread.ofVirtual().name("outbox-relay").start(this::run);
        }
    }

    /** Stops publishing; takes at most as long as a send that is not answered. */
    public synchronized void stop() throws InterruptedException {
        Thread running = thread;
        if (running != null) {
            ending = true;
            work.release();
            running.join();
            thread = null;
        }
    }

    private void run() {
        try {
            while (!ending) {
                if (!publishBatch()) {
                    work.tryAcquire(PAUSE.toMillis(), TimeUnit.MILLISECONDS);
                    work.drainPermits();
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // the thread is the relay's own: it ends
        }
    }

    /** Returns whether there may be more to publish at once. */
    private boolean publishBatch() throws InterruptedException {
        try {
            boolean published = inTransaction(() -> duties.take(Duty.RELAY) && publish(keys.oldest(BATCH)));
            outage.succeeded();
            return published;
        } catch (RuntimeException e) {
            return isPassing(e) ? awaitEnd(e) : publishEach();
        }
    }

    /** Publishes the keys of a batch that failed one by one, so that only the keys that caused the failure stay behind. */
    private boolean publishEach() throws InterruptedException {
        try {
            for (DirtyKey key : inTransaction(() -> keys.oldest(BATCH))) {
                if (ending) {
                    return false;
                }
                publishOrSetAside(key);
            }
            return true;
        } catch (RuntimeException e) {
            return awaitEnd(e);
        }
    }

    private void publishOrSetAside(DirtyKey key) {
        try {
            inTransaction(() -> duties.take(Duty.RELAY) && publish(List.of(key)));
        } catch (RuntimeException e) {
            if (isPassing(e)) {
                throw e;
            }
            LOG.error(
                    "{} {} cannot be published and is set aside: marking it dirty again tries it again",
                    key.topic(),
                    key.key(),
                    e);
            inTransaction(() -> {
                keys.setAside(key);
                return true;
            });
        }
    }

    private boolean awaitEnd(RuntimeException failure) throws InterruptedException {
        outage.failed(failure);
        TimeUnit.NANOSECONDS.sleep(PAUSE.toNanos());
        return false;
    }

    /** Returns whether the database, the broker or this thread caused {@code failure}, and not a key. */
    private static boolean isPassing(Throwable failure) {
        Predicate<Throwable> passing = cause -> cause instanceof SQLException
                || cause instanceof InterruptedException
                || cause instanceof Publisher.NotPublishedException notPublished && !notPublished.isRefused();
        return Stream.iterate(failure, cause -> cause != null, Throwable::getCause)
                .anyMatch(passing);
    }

    private boolean publish(List<DirtyKey> dirty) throws Publisher.NotPublishedException, InterruptedException {
        if (dirty.isEmpty()) {
            return false;
        }
        send(dirty.stream().filter(key -> !isSlice(key)));
        send(dirty.stream().filter(Relay::isSlice));
        dirty.forEach(keys::forget);
        return true;
    }

    private void send(Stream<DirtyKey> dirty) throws Publisher.NotPublishedException, InterruptedException {
        publisher.publish(dirty.map(this::entry).toList());
    }

    private Publisher.Entry entry(DirtyKey key) {
        Topic topic = Topic.valueOf(key.topic());
        return new Publisher.Entry(topic, key.key(), desired.of(topic, key.key()));
    }

    private static boolean isSlice(DirtyKey key) {
        return key.topic().equals(Topic.SLICES.name());
    }

    private static <T> T inTransaction(Callable<T> work) {
        return QuarkusTransaction.requiringNew().timeout(TRANSACTION_SECONDS).call(work);
    }
}
