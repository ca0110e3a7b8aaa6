package io.shoal.intake.outbox;

import io.quarkus.narayana.jta.QuarkusTransaction;
import io.quarkus.runtime.ShutdownEvent;
import io.shoal.contracts.loops.OutageLog;
import io.shoal.contracts.topics.Topic;
import io.shoal.intake.duties.Duties;
import io.shoal.intake.duties.Duty;
import io.shoal.intake.loops.Loops;
import io.shoal.intake.outbox.DirtyKeys.DirtyKey;
import io.shoal.intake.transactions.Conflicts;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.event.TransactionPhase;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Publishes dirty keys in batches, one replica at a time. For each batch it reads the current state, publishes it, and deletes those keys
 * that were not marked again meanwhile. If anything fails between the two, the keys are published once more, which does no harm.
 *
 * <p>Invariant: no key holds up another. A key whose record cannot be made, or that the broker refuses, is set aside until it is
 * marked again or an hour has passed. A batch that fails as a whole is halved until the key that causes it is alone. Only a database
 * or a broker that is away makes all keys wait.
 *
 * <p>Keys of low priority wait until no other key does, in batches so small that a new key waits briefly for the one in progress. Between
 * two such batches the relay rests, because a long list would else take what the requests of tenants need.
 *
 * <p>Slices go last: a worker acts on one at once, and announces to trackers that must know its torrent and its passkey by
 * then. A client that is refused waits long before it announces again.
 */
@ApplicationScoped
public class Relay {
    private static final Logger LOG = LoggerFactory.getLogger(Relay.class);
    private static final int BATCH = 1_000;
    private static final int LOW_PRIORITY_BATCH = 500;

    /** Batches of low priority take this part of the time at most. */
    private static final double LOW_PRIORITY_PART = 0.7;

    /** How soon keys that a replica has marked and did not publish are found, and how soon an unreachable broker is tried again. */
    private static final Duration PAUSE = Duration.ofSeconds(1);

    private static final int TRANSACTION_SECONDS = 60;

    private final DirtyKeys keys;
    private final Duties duties;
    private final Loops loops;
    private final DesiredState desired;
    private final Publisher publisher;
    private final OutageLog outage = new OutageLog(LOG, "database or broker for the outbox");
    private final Semaphore work = new Semaphore(0);
    private @Nullable Thread thread;
    private volatile boolean ending;

    Relay(DirtyKeys keys, Duties duties, Loops loops, DesiredState desired, Publisher publisher) {
        this.keys = keys;
        this.duties = duties;
        this.loops = loops;
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
            thread = Thread.ofVirtual().name("outbox-relay").start(loops.relay().watched(this::run, Loops::died));
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
                Duration rest = publishBatch();
                if (rest.isPositive()) {
                    work.tryAcquire(rest.toNanos(), TimeUnit.NANOSECONDS);
                    work.drainPermits();
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // the thread is the relay's own: it ends
        }
    }

    /** Returns how long to wait for new work before the next batch. */
    private Duration publishBatch() throws InterruptedException {
        long start = System.nanoTime();
        try {
            List<DirtyKey> published = inTransaction(() -> duties.take(Duty.RELAY) ? publishNext() : List.of());
            outage.succeeded();
            return restAfter(published, System.nanoTime() - start);
        } catch (RuntimeException e) {
            return isPassing(e) ? awaitEnd(e) : publishInParts();
        }
    }

    private Duration restAfter(List<DirtyKey> published, long nanos) {
        if (published.isEmpty()) {
            return duties.share(PAUSE);
        }
        return published.getFirst().isLow()
                ? Duration.ofNanos((long) (nanos * (1 - LOW_PRIORITY_PART) / LOW_PRIORITY_PART))
                : Duration.ZERO;
    }

    private List<DirtyKey> publishNext() throws Publisher.NotPublishedException, InterruptedException {
        List<DirtyKey> batch = nextBatch();
        publish(batch);
        return batch;
    }

    private List<DirtyKey> nextBatch() {
        return keys.oldest(BATCH, LOW_PRIORITY_BATCH);
    }

    /** Publishes a batch that failed as a whole in parts, so that only the keys that caused the failure stay behind. */
    private Duration publishInParts() throws InterruptedException {
        try {
            publishOrHalve(inTransaction(this::nextBatch));
            return Duration.ZERO;
        } catch (RuntimeException e) {
            return awaitEnd(e);
        }
    }

    private void publishOrHalve(List<DirtyKey> part) {
        try {
            if (!ending) {
                inTransaction(() -> {
                    if (duties.take(Duty.RELAY)) {
                        publish(part);
                    }
                    return true;
                });
            }
        } catch (RuntimeException e) {
            if (isPassing(e)) {
                throw e;
            }
            if (part.size() == 1) {
                inTransaction(() -> {
                    setAside(Map.of(part.getFirst(), e));
                    return true;
                });
            } else {
                publishOrHalve(part.subList(0, part.size() / 2));
                publishOrHalve(part.subList(part.size() / 2, part.size()));
            }
        }
    }

    private Duration awaitEnd(RuntimeException failure) throws InterruptedException {
        outage.failed(failure);
        TimeUnit.NANOSECONDS.sleep(PAUSE.toNanos());
        return Duration.ZERO;
    }

    /** Returns whether the database, the broker or this thread caused {@code failure}, and not a key or a fault of this service. */
    private static boolean isPassing(Throwable failure) {
        Predicate<Throwable> passing =
                cause -> cause instanceof InterruptedException || cause instanceof Publisher.NotPublishedException;
        return Conflicts.isPassing(failure)
                || Stream.iterate(failure, cause -> cause != null, Throwable::getCause)
                        .anyMatch(passing);
    }

    private void publish(List<DirtyKey> dirty) throws Publisher.NotPublishedException, InterruptedException {
        if (dirty.isEmpty()) {
            return;
        }
        Map<DirtyKey, Throwable> failed = new HashMap<>();
        Map<RecordKey, DirtyKey> parsed = new LinkedHashMap<>();
        for (DirtyKey key : dirty) {
            try {
                parsed.put(new RecordKey(Topic.valueOf(key.topic()), key.key()), key);
            } catch (IllegalArgumentException e) {
                failed.put(key, e);
            }
        }
        DesiredState.Records records = desired.read(parsed.keySet());
        List<Publisher.Entry> first = new ArrayList<>();
        List<Publisher.Entry> slices = new ArrayList<>();
        parsed.forEach((key, marked) -> {
            try {
                (key.topic() == Topic.SLICES ? slices : first).add(new Publisher.Entry(key, records.of(key)));
            } catch (RuntimeException e) {
                failed.put(marked, e);
            }
        });
        for (List<Publisher.Entry> part : List.of(first, slices)) {
            if (!part.isEmpty()) {
                publisher
                        .publish(part)
                        .forEach(refusal ->
                                failed.put(Objects.requireNonNull(parsed.get(refusal.key())), refusal.cause()));
            }
        }
        keys.delete(dirty.stream().filter(key -> !failed.containsKey(key)).toList());
        setAside(failed);
    }

    private void setAside(Map<DirtyKey, Throwable> failed) {
        failed.forEach((key, failure) -> LOG.error(
                "{} {} cannot be published and is set aside: marking it dirty again tries it again",
                key.topic(),
                key.key(),
                failure));
        keys.setAside(failed.keySet());
    }

    private <T> T inTransaction(Callable<T> work) {
        loops.relay().turned();
        return QuarkusTransaction.requiringNew().timeout(TRANSACTION_SECONDS).call(work);
    }
}
