package io.shoal.storage.assembly;

import io.shoal.bittorrent.FileIndex;
import io.shoal.bittorrent.geometry.FilePlace;
import io.shoal.contracts.records.ContentRecord;
import io.shoal.objectstore.NoSuchObjectException;
import io.shoal.objectstore.ObjectStore;
import io.shoal.objectstore.StoreUnavailableException;
import io.shoal.storage.catalog.Catalog;
import io.shoal.storage.catalog.ContentEvents;
import io.shoal.storage.catalog.GenerationState;
import io.shoal.storage.catalog.SegmentLayouts;
import io.shoal.storage.jobs.Job;
import io.shoal.storage.jobs.JobKind;
import io.shoal.storage.jobs.JobQueue;
import io.shoal.storage.jobs.JobRunner;
import io.shoal.storage.jobs.Work;
import io.shoal.storage.losses.LostSegmentFinder;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jboss.logging.Logger;
import org.jdbi.v3.core.Jdbi;

/**
 * Makes one object of a large file: a multipart upload whose parts are copies of its segments. No byte leaves the store.
 *
 * <p>The id of the open upload is kept in the job's row before anything is copied, so the next attempt after a job that died aborts
 * it and begins again. Before the upload is completed, and again afterwards, the job checks that the torrent still lives and that
 * it still holds the lease. A purge waits for this job, because only one job of a torrent runs at a time, and then finds what it
 * has left.
 */
@ApplicationScoped
class Assembly implements Work {
    private static final Logger LOG = Logger.getLogger(Assembly.class);

    private final ObjectStore store;
    private final Catalog catalog;
    private final SegmentLayouts layouts;
    private final LostSegmentFinder losses;
    private final ContentEvents contentEvents;
    private final JobQueue jobs;
    private final JobRunner runner;
    private final Jdbi database;
    private final Duration segmentGrace;

    Assembly(
            ObjectStore store,
            Catalog catalog,
            SegmentLayouts layouts,
            LostSegmentFinder losses,
            ContentEvents contentEvents,
            JobQueue jobs,
            JobRunner runner,
            Jdbi database,
            @ConfigProperty(name = "shoal.segment-grace") Duration segmentGrace) {
        this.store = store;
        this.catalog = catalog;
        this.layouts = layouts;
        this.losses = losses;
        this.contentEvents = contentEvents;
        this.jobs = jobs;
        this.runner = runner;
        this.database = database;
        this.segmentGrace = segmentGrace;
    }

    @Override
    public JobKind kind() {
        return JobKind.ASSEMBLE;
    }

    @Override
    public void perform(Job job) throws StoreUnavailableException, NoSuchObjectException, TryAgainException {
        if (job.upload() != null) {
            store.abortUpload(job.keys().file(job.theFile()), job.upload());
            jobs.keepUpload(job, null);
        }
        Optional<FilePlace.Large> due = due(job);
        if (due.isEmpty()) {
            jobs.finish(job);
            return;
        }
        FilePlace.Large place = due.get();
        try {
            if (isThere(job, place) || assemble(job, place)) {
                record(job, place);
            }
        } catch (ContentEvents.PublishException e) {
            throw new TryAgainException("the assembly is not published yet", e);
        }
    }

    /** Returns the place of the file if it still has to be assembled. */
    private Optional<FilePlace.Large> due(Job job) throws StoreUnavailableException, NoSuchObjectException {
        FileIndex file = job.theFile();
        if (!(catalog.life(job.torrent(), job.generation()) instanceof GenerationState.Live(String infoKey))
                || catalog.isAssembled(job.torrent(), job.generation(), file)) {
            return Optional.empty();
        }
        return layouts.get(infoKey)
                .assemblable(file)
                .filter(place -> Parts.areStored(place, catalog.stored(job.torrent(), job.generation())));
    }

    private boolean isThere(Job job, FilePlace.Large place) throws StoreUnavailableException {
        return store.size(job.keys().file(job.theFile())).orElse(-1) == place.length();
    }

    /**
     * Returns whether the object exists now and this job may publish it; otherwise the job has ended or another process holds it.
     */
    private boolean assemble(Job job, FilePlace.Large place)
            throws StoreUnavailableException, NoSuchObjectException, TryAgainException, ContentEvents.PublishException {
        String key = job.keys().file(job.theFile());
        String upload = store.beginUpload(key);
        if (!jobs.keepUpload(job, upload)) {
            store.abortUpload(key, upload);
            return false;
        }
        List<String> etags;
        try {
            etags = new Parts(store, job.keys(), job.theFile(), place).copy(upload, runner::isStopping);
        } catch (NoSuchObjectException e) {
            store.abortUpload(key, upload);
            losses.look(job.keys(), job.theFile(), place);
            jobs.finish(job);
            return false;
        }
        if (!catalog.isLive(job.torrent(), job.generation()) || !jobs.holds(job)) {
            store.abortUpload(key, upload);
            jobs.finish(job);
            return false;
        }
        try {
            store.completeUpload(key, upload, etags);
        } catch (NoSuchObjectException e) {
            // Completed by an attempt whose answer was lost, or aborted by the process that took the job over: the size
            // shows which.
            LOG.debugf("the upload of %s is gone", job);
        }
        if (!isThere(job, place)) {
            throw new StoreUnavailableException(key + " has not the size of its segments", null);
        }
        return true;
    }

    private void record(Job job, FilePlace.Large place) throws ContentEvents.PublishException {
        if (!catalog.isLive(job.torrent(), job.generation()) || !jobs.holds(job)) {
            jobs.finish(job);
            return;
        }
        FileIndex file = job.theFile();
        contentEvents.publish(
                job.torrent(),
                new ContentRecord.Assembled(
                        1, job.generation(), file.value(), job.keys().file(file), place.length()));
        database.useTransaction(transaction -> {
            catalog.assembled(transaction, job.torrent(), job.generation(), file, place.length());
            jobs.enqueue(transaction, JobKind.CLEAN_UP, job.torrent(), job.generation(), file, segmentGrace);
            jobs.finish(transaction, job);
        });
        LOG.infof("%s: one object of %d bytes", job, place.length());
    }
}
