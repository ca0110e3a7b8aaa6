package io.shoal.storage.purge;

import io.quarkus.scheduler.Scheduled;
import io.shoal.objectstore.ObjectStore;
import io.shoal.objectstore.StoreUnavailableException;
import io.shoal.storage.catalog.Catalog;
import io.shoal.storage.catalog.GenerationState;
import io.shoal.storage.jobs.JobKind;
import io.shoal.storage.jobs.JobQueue;
import io.shoal.storage.jobs.JobRunner;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.Set;
import org.jboss.logging.Logger;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.JdbiException;

/**
 * Lists the bucket once a day. Objects of dead generations, left by a worker that did not know that it had lost its slice, are
 * purged again. Objects of unknown torrents are reported and never deleted: after a restore from a backup they may belong to a
 * tenant.
 */
@ApplicationScoped
class Sweep {
    private static final Logger LOG = Logger.getLogger(Sweep.class);

    /** At least as long as any link is valid, and as a record waits in Kafka. */
    private static final Duration FORGOTTEN_AFTER = Duration.ofDays(7);

    private final ObjectStore store;
    private final Catalog catalog;
    private final JobQueue jobs;
    private final JobRunner runner;
    private final Jdbi database;

    Sweep(ObjectStore store, Catalog catalog, JobQueue jobs, JobRunner runner, Jdbi database) {
        this.store = store;
        this.catalog = catalog;
        this.jobs = jobs;
        this.runner = runner;
        this.database = database;
    }

    @Scheduled(every = "24h", delayed = "1h", concurrentExecution = Scheduled.ConcurrentExecution.SKIP)
    void daily() {
        try {
            sweep();
            catalog.forgetEnded(FORGOTTEN_AFTER);
        } catch (StoreUnavailableException | JdbiException e) {
            LOG.warnf("no sweep today: %s", e.getMessage());
        }
    }

    /** Lists the whole bucket, enqueues the purges that are due and returns the unknown owners of objects. */
    Set<StoredKeys.Owner> sweep() throws StoreUnavailableException {
        Set<StoredKeys.Owner> owners = new LinkedHashSet<>();
        store.list(StoredKeys.ALL, object -> StoredKeys.owner(object.key()).ifPresent(owners::add));
        Set<StoredKeys.Owner> unknown = new LinkedHashSet<>();
        for (StoredKeys.Owner owner : owners) {
            switch (catalog.life(owner.torrent(), owner.generation())) {
                case GenerationState.Live live -> {}
                case GenerationState.Unknown() -> unknown.add(owner);
                case GenerationState.Dead() ->
                    database.useTransaction(transaction ->
                            jobs.enqueue(transaction, JobKind.PURGE, owner.torrent(), owner.generation()));
            }
        }
        unknown.forEach(owner ->
                LOG.warnf("the store has objects of %s/%s, which is not known", owner.torrent(), owner.generation()));
        runner.wake();
        return unknown;
    }
}
