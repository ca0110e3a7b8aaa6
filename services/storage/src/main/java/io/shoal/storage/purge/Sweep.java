package io.shoal.storage.purge;

import io.quarkus.scheduler.Scheduled;
import io.shoal.objectstore.ObjectStore;
import io.shoal.objectstore.StoreUnavailableException;
import io.shoal.storage.catalog.Catalog;
import io.shoal.storage.catalog.GenerationState;
import io.shoal.storage.catalog.TorrentGeneration;
import io.shoal.storage.jobs.JobKind;
import io.shoal.storage.jobs.JobQueue;
import io.shoal.storage.jobs.JobRunner;
import io.shoal.storage.jobs.NewJob;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.jboss.logging.Logger;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.JdbiException;
import org.jspecify.annotations.Nullable;

/**
 * Lists the bucket once a day, in one process of all. Objects of dead generations, left by a worker that did not know that it had lost
 * its slice, are purged again. Objects of unknown torrents are reported and never deleted: after a restore from a backup they may
 * belong to a tenant.
 *
 * <p>A listing is sorted, so the objects of a generation follow one another: it is looked up in batches while the listing goes on, and
 * memory does not grow with the bucket.
 */
@ApplicationScoped
class Sweep {
    private static final Logger LOG = Logger.getLogger(Sweep.class);

    /** At least as long as any link is valid, and as a record waits in Kafka. */
    private static final Duration FORGOTTEN_AFTER = Duration.ofDays(7);

    private static final Duration EVERY = Duration.ofDays(1);
    private static final Duration AGAIN = Duration.ofHours(1);

    /** Generations that are looked up in one query. */
    private static final int BATCH = 1_000;

    private static final Duration RENEWAL = SweepLease.LEASE.dividedBy(10);

    private final ObjectStore store;
    private final Catalog catalog;
    private final SweepLease lease;
    private final JobQueue jobs;
    private final JobRunner runner;
    private final Jdbi database;

    Sweep(ObjectStore store, Catalog catalog, SweepLease lease, JobQueue jobs, JobRunner runner, Jdbi database) {
        this.store = store;
        this.catalog = catalog;
        this.lease = lease;
        this.jobs = jobs;
        this.runner = runner;
        this.database = database;
    }

    @Scheduled(every = "10m", delayed = "10m", concurrentExecution = Scheduled.ConcurrentExecution.SKIP)
    void sweepIfDue() {
        try {
            if (lease.take()) {
                sweep(owner -> LOG.warnf(
                        "the store has objects of %s/%s, which is not known", owner.torrent(), owner.generation()));
                catalog.forgetEnded(FORGOTTEN_AFTER);
                lease.end(EVERY);
            }
        } catch (StoreUnavailableException e) {
            LOG.warnf("the sweep is not complete and begins again in an hour: %s", e.getMessage());
            lease.end(AGAIN);
        } catch (JdbiException e) {
            LOG.warnf("the sweep is not complete and begins again when its lease has ended: %s", e.getMessage());
        } catch (CancellationException e) {
            LOG.infof("%s", e.getMessage());
        }
    }

    /** Lists the whole bucket, enqueues the purges that are due and passes the unknown owners of objects to {@code unknown}. */
    void sweep(Consumer<TorrentGeneration> unknown) throws StoreUnavailableException {
        Pass pass = new Pass(unknown);
        store.list(StoredKeys.ALL, object -> StoredKeys.owner(object.key()).ifPresent(pass::add));
        pass.flush();
    }

    /** One listing. */
    private final class Pass {
        private final Consumer<TorrentGeneration> unknown;
        private final List<TorrentGeneration> batch = new ArrayList<>(BATCH);
        private @Nullable TorrentGeneration last;
        private long renewedAt = System.nanoTime();

        private Pass(Consumer<TorrentGeneration> unknown) {
            this.unknown = unknown;
        }

        private void add(TorrentGeneration owner) {
            if (System.nanoTime() - renewedAt > RENEWAL.toNanos()) {
                if (!lease.renew()) {
                    throw new CancellationException("another process sweeps the bucket");
                }
                renewedAt = System.nanoTime();
            }
            if (!owner.equals(last)) {
                last = owner;
                batch.add(owner);
                if (batch.size() == BATCH) {
                    flush();
                }
            }
        }

        private void flush() {
            if (batch.isEmpty()) {
                return;
            }
            Set<TorrentGeneration> dead = new HashSet<>();
            catalog.states(batch).forEach((owner, state) -> {
                switch (state) {
                    case GenerationState.Live live -> {}
                    case GenerationState.Dead() -> dead.add(owner);
                    case GenerationState.Unknown() -> unknown.accept(owner);
                }
            });
            batch.clear();
            if (!dead.isEmpty()) {
                Set<NewJob> purges = dead.stream()
                        .map(owner -> new NewJob(JobKind.PURGE, owner.torrent(), owner.generation()))
                        .collect(Collectors.toSet());
                database.useTransaction(transaction -> jobs.enqueue(transaction, purges));
                runner.wake();
            }
        }
    }
}
