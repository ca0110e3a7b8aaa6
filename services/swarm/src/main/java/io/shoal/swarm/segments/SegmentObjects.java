package io.shoal.swarm.segments;

import io.shoal.bittorrent.FileIndex;
import io.shoal.bittorrent.SegmentIndex;
import io.shoal.bittorrent.geometry.FilePlace;
import io.shoal.bittorrent.geometry.Geometry;
import io.shoal.bittorrent.geometry.Segment;
import io.shoal.contracts.objects.ObjectKeys;
import io.shoal.objectstore.AsyncObjectStore;
import io.shoal.objectstore.NoSuchObjectException;
import java.nio.ByteBuffer;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;

/**
 * Finds the bytes of stored segments: in the segment's object until its file is assembled, then in the file's object.
 * Which of the two it is becomes known by a read, and is remembered by file. Any thread.
 */
final class SegmentObjects {
    private record LargeFile(FileIndex index, FilePlace.Large place) {}

    private final AsyncObjectStore store;
    private final ObjectKeys keys;
    private final TreeMap<Integer, LargeFile> largeFiles = new TreeMap<>();
    private final Set<FileIndex> assembled = ConcurrentHashMap.newKeySet();

    SegmentObjects(AsyncObjectStore store, ObjectKeys keys, Geometry geometry, int files) {
        this.store = store;
        this.keys = keys;
        for (int i = 0; i < files; i++) {
            FileIndex file = new FileIndex(i);
            if (geometry.place(file) instanceof FilePlace.Large large) {
                largeFiles.put(large.first().value(), new LargeFile(file, large));
            }
        }
    }

    /**
     * Fills {@code into} with bytes of {@code segment} from {@code offset}. Fails with {@link NoSuchObjectException} if
     * they are in none of the objects where they could be: they are lost.
     */
    CompletableFuture<Void> read(int segment, int offset, ByteBuffer into) {
        Map.Entry<Integer, LargeFile> entry = largeFiles.floorEntry(segment);
        boolean large = entry != null
                && segment < entry.getKey() + entry.getValue().place.count();
        if (!large) {
            return readSegment(segment, offset, into);
        }
        LargeFile file = entry.getValue();
        long inFile = (long) (segment - entry.getKey()) * Segment.MAX_LENGTH + offset;
        if (assembled.contains(file.index)) {
            return readFile(file, inFile, segment, offset, into);
        }
        return orElse(readSegment(segment, offset, into.duplicate()), () -> {
            assembled.add(file.index); // probably; if not, the segment's object is read once more
            return readFile(file, inFile, segment, offset, into);
        });
    }

    private CompletableFuture<Void> readFile(LargeFile file, long inFile, int segment, int offset, ByteBuffer into) {
        return orElse(store.read(keys.file(file.index), inFile, into.duplicate()), () -> {
            assembled.remove(file.index);
            return readSegment(segment, offset, into.duplicate());
        });
    }

    private CompletableFuture<Void> readSegment(int segment, int offset, ByteBuffer into) {
        return store.read(keys.segment(new SegmentIndex(segment)), offset, into);
    }

    /** Continues with {@code other} if the object of {@code first} does not exist. */
    private static CompletableFuture<Void> orElse(
            CompletableFuture<Void> first, Supplier<CompletableFuture<Void>> other) {
        return first.exceptionallyCompose(failure ->
                failure instanceof NoSuchObjectException ? other.get() : CompletableFuture.failedFuture(failure));
    }
}
