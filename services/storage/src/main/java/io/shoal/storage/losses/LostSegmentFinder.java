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
import org.jboss.logging.Logger;
import org.jdbi.v3.core.Jdbi;

/**
 * Finds out what is missing of a file whose objects were not there, and tells it: these segments are downloaded again. Told
 * first and written down then, so that a loss is never known here alone.
 */
@ApplicationScoped
public class LostSegmentFinder {
    private static final Logger LOG = Logger.getLogger(LostSegmentFinder.class);

    private final ObjectStore store;
    private final Catalog catalog;
    private final ContentEvents contentEvents;
    private final Jdbi database;
    private final JobQueue jobs;
    private final JobRunner runner;

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
     * An object of {@code file} was not there, although the catalog says so. If nothing is missing after all, the file is
     * planned again, which finds what the catalog does not know.
     */
    public void look(ObjectKeys keys, FileIndex file, FilePlace place)
            throws StoreUnavailableException, ContentEvents.PublishException {
        boolean assembled = place instanceof FilePlace.Large large
                && store.size(keys.file(file)).orElse(-1) == large.length();
        BitSet missing = assembled ? new BitSet() : missing(keys, place);
        if (!catalog.isLive(keys.torrent(), keys.generation())) {
            return;
        }
        if (!missing.isEmpty()) {
            LOG.errorf("%s lost %d segments of file %s", keys.torrent(), missing.cardinality(), file);
            contentEvents.publish(keys.torrent(), new ContentRecord.Lost(1, keys.generation(), Bits.of(missing)));
        }
        database.useTransaction(transaction -> {
            if (!assembled) {
                catalog.notAssembled(transaction, keys.torrent(), keys.generation(), file);
                catalog.lost(transaction, keys.torrent(), keys.generation(), missing);
            }
            jobs.enqueue(transaction, JobKind.PLAN, keys.torrent(), keys.generation());
        });
        runner.wake();
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
