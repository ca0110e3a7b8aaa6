package io.shoal.swarm.segments;

import io.shoal.bittorrent.FileIndex;
import io.shoal.bittorrent.SegmentIndex;
import io.shoal.bittorrent.geometry.FilePlace;
import io.shoal.bittorrent.geometry.Geometry;
import io.shoal.bittorrent.geometry.Segment;
import io.shoal.contracts.objects.ObjectKeys;
import io.shoal.objectstore.NoSuchObjectException;
import io.shoal.objectstore.ObjectStore;
import io.shoal.objectstore.StoreUnavailableException;
import java.nio.ByteBuffer;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Finds the bytes of stored segments: in the segment's object until its file is assembled, then in the file's object.
 * Which of the two it is becomes known by a read, and is remembered by file. Blocking; any thread.
 */
final class SegmentObjects {
    private record LargeFile(FileIndex index, FilePlace.Large place) {}

    private final ObjectStore store;
    private final ObjectKeys keys;
    private final TreeMap<Integer, LargeFile> largeFiles = new TreeMap<>();
    private final Set<FileIndex> assembled = ConcurrentHashMap.newKeySet();

    SegmentObjects(ObjectStore store, ObjectKeys keys, Geometry geometry, int files) {
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
     * Fills {@code into} with bytes of {@code segment} from {@code offset}.
     *
     * @throws NoSuchObjectException if they are in none of the objects where they could be: they are lost
     */
    void read(int segment, int offset, ByteBuffer into) throws NoSuchObjectException, StoreUnavailableException {
        Map.Entry<Integer, LargeFile> entry = largeFiles.floorEntry(segment);
        boolean large = entry != null
                && segment < entry.getKey() + entry.getValue().place.count();
        if (!large) {
            readSegment(segment, offset, into);
            return;
        }
        LargeFile file = entry.getValue();
        long inFile = (long) (segment - entry.getKey()) * Segment.MAX_LENGTH + offset;
        if (!assembled.contains(file.index)) {
            try {
                readSegment(segment, offset, into.duplicate());
                return;
            } catch (NoSuchObjectException e) {
                assembled.add(file.index); // probably; if not, the segment's object is read once more
            }
        }
        try {
            store.read(keys.file(file.index), inFile, into.duplicate());
        } catch (NoSuchObjectException e) {
            assembled.remove(file.index);
            readSegment(segment, offset, into.duplicate());
        }
    }

    private void readSegment(int segment, int offset, ByteBuffer into)
            throws NoSuchObjectException, StoreUnavailableException {
        store.read(keys.segment(new SegmentIndex(segment)), offset, into);
    }
}
