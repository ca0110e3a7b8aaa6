package io.shoal.storage.assembly;

import io.shoal.objectstore.NoSuchObjectException;
import io.shoal.objectstore.StoreUnavailableException;
import io.shoal.storage.catalog.Catalog;
import io.shoal.storage.catalog.GenerationState;
import io.shoal.storage.catalog.LargeFiles;
import io.shoal.storage.catalog.SegmentLayout;
import io.shoal.storage.catalog.SegmentLayouts;
import io.shoal.storage.jobs.Job;
import io.shoal.storage.jobs.JobKind;
import io.shoal.storage.jobs.JobQueue;
import io.shoal.storage.jobs.Work;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.util.BitSet;
import java.util.List;
import org.jdbi.v3.core.Jdbi;

/**
 * Finds the large files of a torrent whose segments are all stored and that are not one object yet, and enqueues their assembly. It
 * leaves in the catalog where large files lie, after which only a status that completes one of them has the torrent planned again:
 * one that came between this job's look and its end enqueued the job again, because it did not know them yet.
 */
@ApplicationScoped
class Planning implements Work {
    private final Catalog catalog;
    private final SegmentLayouts layouts;
    private final JobQueue jobs;
    private final Jdbi database;

    Planning(Catalog catalog, SegmentLayouts layouts, JobQueue jobs, Jdbi database) {
        this.catalog = catalog;
        this.layouts = layouts;
        this.jobs = jobs;
        this.database = database;
    }

    @Override
    public JobKind kind() {
        return JobKind.PLAN;
    }

    @Override
    public void perform(Job job) throws StoreUnavailableException, NoSuchObjectException {
        if (!(catalog.life(job.torrent(), job.generation()) instanceof GenerationState.Live(String infoKey))) {
            jobs.finish(job);
            return;
        }
        SegmentLayout layout = layouts.get(infoKey);
        LargeFiles largeFiles = LargeFiles.of(layout);
        List<SegmentLayout.Assemblable> complete = complete(job, layout);
        database.useTransaction(transaction -> {
            catalog.largeFiles(transaction, job.torrent(), job.generation(), largeFiles);
            for (SegmentLayout.Assemblable file : complete) {
                jobs.enqueue(
                        transaction, JobKind.ASSEMBLE, job.torrent(), job.generation(), file.file(), Duration.ZERO);
            }
            jobs.finish(transaction, job);
        });
    }

    private List<SegmentLayout.Assemblable> complete(Job job, SegmentLayout layout) {
        if (layout.assemblable().findAny().isEmpty()) {
            return List.of();
        }
        BitSet stored = catalog.stored(job.torrent(), job.generation());
        BitSet assembled = catalog.assembled(job.torrent(), job.generation());
        return layout.assemblable()
                .filter(file -> !assembled.get(file.file().value()) && Parts.areStored(file.place(), stored))
                .toList();
    }
}
