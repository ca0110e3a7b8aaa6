package io.shoal.storage.assembly;

import io.shoal.bittorrent.FileIndex;
import io.shoal.bittorrent.SegmentIndex;
import io.shoal.bittorrent.geometry.FilePlace;
import io.shoal.contracts.objects.ObjectKeys;
import io.shoal.objectstore.NoSuchObjectException;
import io.shoal.objectstore.ObjectStore;
import io.shoal.objectstore.StoreUnavailableException;
import io.shoal.storage.jobs.Work;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;

/**
 * The parts of one upload: part k + 1 is the whole segment first + k. A few are copied at a time; the first failure stops all
 * copies.
 */
final class Parts {
    /** Copies at a time: more were not faster on either server that was measured. */
    private static final int AT_ONCE = 4;

    private final ObjectStore store;
    private final ObjectKeys keys;
    private final String target;
    private final FilePlace.Large place;

    Parts(ObjectStore store, ObjectKeys keys, FileIndex file, FilePlace.Large place) {
        this.store = store;
        this.keys = keys;
        this.target = keys.file(file);
        this.place = place;
    }

    /** Whether all segments of a large file are among {@code stored}. */
    static boolean areStored(FilePlace.Large place, BitSet stored) {
        int first = place.first().value();
        return stored.nextClearBit(first) >= first + place.count();
    }

    /**
     * Copies all parts into {@code upload} and returns their ETags, in order.
     *
     * @param stopping whether no further part is begun
     * @throws Work.TryAgainException if it was stopped
     */
    List<String> copy(String upload, BooleanSupplier stopping)
            throws NoSuchObjectException, StoreUnavailableException, Work.TryAgainException {
        String[] etags = new String[place.count()];
        AtomicInteger next = new AtomicInteger();
        Callable<Void> copier = () -> {
            for (int part = next.getAndIncrement(); part < etags.length; part = next.getAndIncrement()) {
                try {
                    if (stopping.getAsBoolean()) {
                        throw new Work.TryAgainException("this process ends", null);
                    }
                    SegmentIndex segment = new SegmentIndex(place.first().value() + part);
                    etags[part] = store.copyPart(target, upload, part + 1, keys.segment(segment));
                } catch (NoSuchObjectException
                        | StoreUnavailableException
                        | Work.TryAgainException
                        | RuntimeException e) {
                    next.set(etags.length);
                    throw e;
                }
            }
            return null;
        };
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (Future<Void> copied : threads.invokeAll(Collections.nCopies(AT_ONCE, copier))) {
                copied.get();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new StoreUnavailableException("copying into " + target + " was interrupted", e);
        } catch (ExecutionException e) {
            switch (e.getCause()) {
                case NoSuchObjectException gone -> throw gone;
                case StoreUnavailableException unavailable -> throw unavailable;
                case Work.TryAgainException stopped -> throw stopped;
                case null, default -> throw new IllegalStateException("copying into " + target, e);
            }
        }
        return Arrays.asList(etags);
    }
}
