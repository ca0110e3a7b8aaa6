package io.shoal.intake.outbox;

import io.quarkus.narayana.jta.QuarkusTransaction;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import io.shoal.contracts.topics.Topic;
import io.shoal.intake.duties.Duties;
import io.shoal.intake.duties.Duty;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.event.TransactionPhase;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.hibernate.Session;
import org.hibernate.query.NativeQuery;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Publishes dirty keys, one replica at a time. For each it reads the current state, publishes it, and forgets the key only if
 * it was not marked again meanwhile. Whatever happens between publishing and forgetting, the key is published once more, and
 * that does no harm.
 *
 * <p>Slices go last: a worker acts on one at once, and announces to trackers that must know its torrent and its passkey by
 * then. One that is refused waits long before it asks again.
 */
@ApplicationScoped
public class Relay {
    private static final Logger LOG = Logger.getLogger(Relay.class);
    private static final int BATCH = 100;

    /** How soon keys are found that another replica has marked, and how soon an unreachable broker is tried again. */
    private static final Duration PAUSE = Duration.ofSeconds(1);

    private final Session database;
    private final Duties duties;
    private final DesiredState desired;
    private final Publisher publisher;
    private final Semaphore work = new Semaphore(0);
    private @Nullable Thread thread;
    private volatile boolean ending;

    Relay(Session database, Duties duties, DesiredState desired, Publisher publisher) {
        this.database = database;
        this.duties = duties;
        this.desired = desired;
        this.publisher = publisher;
    }

    private record DirtyKey(Topic topic, String key, long stamp) {}

    void begin(@Observes StartupEvent event) {
        start();
    }

    void end(@Observes ShutdownEvent event) throws InterruptedException {
        stop();
    }

    void wake(@Observes(during = TransactionPhase.AFTER_SUCCESS) Outbox.Dirtied event) {
        work.release();
    }

    /** Begins to publish. */
    public synchronized void start() {
        if (thread == null) {
            ending = false;
            thread = Thread.ofVirtual().name("outbox-relay").start(this::run);
        }
    }

    /** Publishes nothing any more when this returns, which takes no longer than a send that nobody answers. */
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
            Thread.currentThread().interrupt(); // nobody else has this thread: it ends
        }
    }

    /** Whether there may be more to publish at once. */
    private boolean publishBatch() throws InterruptedException {
        try {
            return QuarkusTransaction.requiringNew().timeout(60).call(() -> duties.take(Duty.RELAY) && publishDirty());
        } catch (
                RuntimeException e) { // the database or the broker is away, or one record cannot be said: never give up
            LOG.warnf("records wait to be published: %s", e);
            Thread.sleep(PAUSE);
            return false;
        }
    }

    private boolean publishDirty() throws Publisher.NotPublishedException, InterruptedException {
        List<DirtyKey> dirty = dirtyKeys();
        if (dirty.isEmpty()) {
            return false;
        }
        publish(dirty.stream().filter(key -> key.topic != Topic.SLICES));
        publish(dirty.stream().filter(key -> key.topic == Topic.SLICES));
        dirty.forEach(this::forget);
        return true;
    }

    private void publish(Stream<DirtyKey> keys) throws Publisher.NotPublishedException, InterruptedException {
        publisher.publish(keys.map(key -> new Publisher.Entry(key.topic, key.key, desired.of(key.topic, key.key)))
                .toList());
    }

    private List<DirtyKey> dirtyKeys() {
        NativeQuery<Object[]> oldest = database.createNativeQuery(
                "select topic, key, stamp from dirty_key order by stamp limit " + BATCH, Object[].class);
        return oldest.getResultList().stream()
                .map(row ->
                        new DirtyKey(Topic.valueOf((String) row[0]), (String) row[1], ((Number) row[2]).longValue()))
                .toList();
    }

    private void forget(DirtyKey key) {
        database.createNativeMutationQuery(
                        "delete from dirty_key where topic = :topic and key = :key and stamp = :stamp")
                .setParameter("topic", key.topic.name())
                .setParameter("key", key.key)
                .setParameter("stamp", key.stamp)
                .executeUpdate();
    }
}
