package io.shoal.storage.losses;

import io.shoal.bittorrent.FileIndex;
import io.shoal.bittorrent.SegmentIndex;
import io.shoal.bittorrent.geometry.FilePlace;
import io.shoal.contracts.objects.ObjectKeys;
import io.shoal.contracts.records.Bits;
import io.shoal.contracts.records.ContentRecord;
import io.shoal.objectstore.ObjectStore;
import io.shoal.objectstore.StoreUnavailableException;
import io.shoal.storage.catalog.Catalog;
import io.shoal.storage.catalog.ContentEvents;
import io.shoal.storage.jobs.JobKind;
import io.shoal.storage.jobs.JobQueue;
import io.shoal.storage.jobs.JobRunner;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.BitSet;
import java.util.HashSet;
import java.util.Set;
import org.jboss.logging.Logger;
import org.jdbi.v3.core.Jdbi;

/**
 * Finds the segments of a file that are missing in the store, and publishes the loss so that they are downloaded again. The loss is
 * published before it is recorded, so it is never known only to this service. It is recorded while the torrent's rows are locked,
 * so readers that meet one loss at the same time, at any replica, publish it once.
 */
@ApplicationScoped
public class LostSegmentFinder {
    private static final Logger LOG = Logger.getLogger(LostSegmentFinder.class);

    /** Files that are checked at one time: each holds a connection to the database until Kafka has acknowledged the record. */
    private static final int AT_ONCE = 4;

    private final ObjectStore store;
    private final Catalog catalog;
    private final ContentEvents contentEvents;
    private final Jdbi database;
    private final JobQueue jobs;
    private final JobRunner runner;
    private final Set<LostFile> inProgress = new HashSet<>();

    private record LostFile(ObjectKeys keys, FileIndex file) {}

    LostSegmentFinder(
            ObjectStore store,
            Catalog catalog,
            ContentEvents contentEvents,
            Jdbi database,
            JobQueue jobs,
            JobRunner runner) {
        this.store = store;
        this.catalog = catalog;
        this.contentEvents = contentEvents;
        this.database = database;
        this.jobs = jobs;
        this.runner = runner;
    }

    /**
     * Finds what is missing after an object of {@code file} that the catalog lists was not found. If nothing is missing, the file
     * is planned again, which finds what the catalog does not know. Returns at once if the file is already being checked for
     * another reader, or too many files are; the next reader then finds the loss again.
     */
    public void look(ObjectKeys keys, FileIndex file, FilePlace place)
            throws StoreUnavailableException, ContentEvents.PublishException {
        LostFile lost = new LostFile(keys, file);
        if (!begin(lost)) {
            return;
        }
        try {
            record(keys, file, place);
        } finally {
            end(lost);
        }
        runner.wake();
    }

    private boolean begin(LostFile lost) {
        synchronized (inProgress) {
            return inProgress.size() < AT_ONCE && inProgress.add(lost);
        }
    }

    private void end(LostFile lost) {
        synchronized (inProgress) {
            inProgress.remove(lost);
        }
    }

    private void record(ObjectKeys keys, FileIndex file, FilePlace place)
            throws StoreUnavailableException, ContentEvents.PublishException {
        boolean assembled = place instanceof FilePlace.Large large
                && store.size(keys.file(file)).orElse(-1) == large.length();
        BitSet missing = assembled ? new BitSet() : missing(keys, place);
        if (!catalog.isLive(keys.torrent(), keys.generation())) {
            return;
        }
        database.useTransaction(transaction -> {
            // A segment that the catalog does not list was never stored, or another reader has published its loss.
            missing.and(catalog.lockStored(transaction, keys.torrent(), keys.generation()));
            if (!missing.isEmpty()) {
                LOG.errorf("%s lost %d segments of file %s", keys.torrent(), missing.cardinality(), file);
                contentEvents.publish(keys.torrent(), new ContentRecord.Lost(1, keys.generation(), Bits.of(missing)));
            }
            if (!assembled) {
                catalog.notAssembled(transaction, keys.torrent(), keys.generation(), file);
                catalog.lost(transaction, keys.torrent(), keys.generation(), missing);
            }
            jobs.enqueue(transaction, JobKind.PLAN, keys.torrent(), keys.generation());
        });
    }

    private BitSet missing(ObjectKeys keys, FilePlace place) throws StoreUnavailableException {
        BitSet missing = new BitSet();
        switch (place) {
            case FilePlace.Nowhere() -> {}
            case FilePlace.Packed(SegmentIndex segment, int offset, int length) -> {
                if (store.size(keys.segment(segment)).isEmpty()) {
                    missing.set(segment.value());
                }
            }
            case FilePlace.Large(SegmentIndex first, int count, long length) -> {
                missing.set(first.value(), first.value() + count);
                int prefix = keys.segmentsPrefix().length();
                store.list(
                        keys.segmentsPrefix(),
                        object -> missing.clear(Integer.parseInt(object.key().substring(prefix), 16)));
            }
        }
        return missing;
    }
}
