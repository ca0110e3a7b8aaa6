package io.shoal.storage.assembly;

import io.shoal.bittorrent.SegmentIndex;
import io.shoal.bittorrent.geometry.FilePlace;
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
import io.shoal.storage.jobs.Work;
import io.shoal.storage.losses.LostSegmentFinder;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * Deletes the segments of an assembled file after the grace period, when no reader should use them any more. It deletes them only
 * while the complete object of the file, which has the same bytes, exists.
 */
@ApplicationScoped
class CleanUp implements Work {
    private final ObjectStore store;
    private final Catalog catalog;
    private final SegmentLayouts layouts;
    private final LostSegmentFinder losses;
    private final JobQueue jobs;

    CleanUp(ObjectStore store, Catalog catalog, SegmentLayouts layouts, LostSegmentFinder losses, JobQueue jobs) {
        this.store = store;
        this.catalog = catalog;
        this.layouts = layouts;
        this.losses = losses;
        this.jobs = jobs;
    }

    @Override
    public JobKind kind() {
        return JobKind.CLEAN_UP;
    }

    @Override
    public void perform(Job job) throws StoreUnavailableException, NoSuchObjectException, TryAgainException {
        Optional<FilePlace.Large> due = due(job);
        if (due.isPresent()) {
            FilePlace.Large place = due.get();
            if (store.size(job.keys().file(job.theFile())).orElse(-1) == place.length()) {
                int first = place.first().value();
                store.delete(IntStream.range(first, first + place.count())
                        .mapToObj(segment -> job.keys().segment(new SegmentIndex(segment)))
                        .toList());
            } else {
                lookForLosses(job, place);
            }
        }
        jobs.finish(job);
    }

    private Optional<FilePlace.Large> due(Job job) throws StoreUnavailableException, NoSuchObjectException {
        if (!(catalog.life(job.torrent(), job.generation()) instanceof GenerationState.Live(String infoKey))
                || !catalog.isAssembled(job.torrent(), job.generation(), job.theFile())) {
            return Optional.empty();
        }
        return layouts.get(infoKey).assemblable(job.theFile());
    }

    private void lookForLosses(Job job, FilePlace.Large place) throws StoreUnavailableException, TryAgainException {
        try {
            losses.look(job.keys(), job.theFile(), place);
        } catch (ContentEvents.PublishException e) {
            throw new TryAgainException("a loss is not published yet", e);
        }
    }
}
