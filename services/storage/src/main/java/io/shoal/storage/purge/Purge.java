package io.shoal.storage.purge;

import io.shoal.contracts.Generation;
import io.shoal.contracts.records.ContentRecord;
import io.shoal.objectstore.ObjectStore;
import io.shoal.objectstore.StoreUnavailableException;
import io.shoal.storage.catalog.Catalog;
import io.shoal.storage.catalog.ContentEvents;
import io.shoal.storage.catalog.GenerationState;
import io.shoal.storage.jobs.Job;
import io.shoal.storage.jobs.JobKind;
import io.shoal.storage.jobs.JobQueue;
import io.shoal.storage.jobs.Work;
import jakarta.enterprise.context.ApplicationScoped;
import org.jboss.logging.Logger;
import org.jdbi.v3.core.Jdbi;

/**
 * Deletes the objects of a dead generation and of all generations before it, and publishes the purge once a listing finds none any
 * more. Keys of a higher generation are never touched.
 */
@ApplicationScoped
class Purge implements Work {
    private static final Logger LOG = Logger.getLogger(Purge.class);

    private final ObjectStore store;
    private final Catalog catalog;
    private final ContentEvents contentEvents;
    private final JobQueue jobs;
    private final Jdbi database;

    Purge(ObjectStore store, Catalog catalog, ContentEvents contentEvents, JobQueue jobs, Jdbi database) {
        this.store = store;
        this.catalog = catalog;
        this.contentEvents = contentEvents;
        this.jobs = jobs;
        this.database = database;
    }

    @Override
    public JobKind kind() {
        return JobKind.PURGE;
    }

    @Override
    public void perform(Job job) throws StoreUnavailableException, TryAgainException {
        if (!(catalog.life(job.torrent(), job.generation()) instanceof GenerationState.Dead)) {
            jobs.finish(job);
            return;
        }
        abortUploads(job);
        long deleted = 0;
        for (long found = deleteListed(job); found > 0; found = deleteListed(job)) {
            deleted += found;
        }
        try {
            contentEvents.publish(job.torrent(), new ContentRecord.Purged(1, job.generation()));
        } catch (ContentEvents.PublishException e) {
            throw new TryAgainException("the purge is not published yet", e);
        }
        database.useTransaction(transaction -> {
            catalog.purged(transaction, job.torrent(), job.generation());
            jobs.finish(transaction, job);
        });
        LOG.infof("%s: %d objects deleted", job, deleted);
    }

    /** Aborts open uploads: an upload that was completed later would become an object. */
    private void abortUploads(Job purge) throws StoreUnavailableException {
        for (Job job : jobs.ofDead(purge.torrent(), purge.generation())) {
            if (job.upload() != null) {
                store.abortUpload(job.keys().file(job.theFile()), job.upload());
            }
            jobs.drop(job);
        }
    }

    /** Deletes all objects that one listing finds; returns their number. */
    private long deleteListed(Job job) throws StoreUnavailableException {
        Generation dead = job.generation();
        BatchDelete deletion = new BatchDelete(store);
        StoredKeys.list(store, StoredKeys.prefix(job.torrent()), (generation, key) -> {
            if (generation.compareTo(dead) <= 0) {
                deletion.add(key);
            }
        });
        return deletion.finish();
    }
}
