package io.shoal.storage.assembly;

import io.shoal.bittorrent.FileIndex;
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
 *
 * <p>At most {@link #MOST_QUEUED} assemblies of a torrent are enqueued at a time. The plan of a torrent that has more stays due until it
 * has enqueued all of them: only one job of a torrent runs at a time, and each take walks past the due jobs of that torrent.
 */
@ApplicationScoped
class Planning implements Work {
    static final int MOST_QUEUED = 16;

    /** Shorter than most assemblies of that many files. */
    private static final Duration NEXT_PART = Duration.ofSeconds(2);

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
            BitSet queued = jobs.files(transaction, JobKind.ASSEMBLE, job.torrent(), job.generation());
            List<FileIndex> due = complete.stream()
                    .map(SegmentLayout.Assemblable::file)
                    .filter(file -> !queued.get(file.value()))
                    .toList();
            List<FileIndex> next = due.subList(0, Math.clamp(MOST_QUEUED - queued.cardinality(), 0, due.size()));
            for (FileIndex file : next) {
                jobs.enqueue(transaction, JobKind.ASSEMBLE, job.torrent(), job.generation(), file, Duration.ZERO);
            }
            if (next.size() < due.size()) {
                jobs.continueLater(transaction, job, NEXT_PART);
            } else {
                jobs.finish(transaction, job);
            }
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
