package io.shoal.swarm.segments;

import io.shoal.bittorrent.FileIndex;
import io.shoal.bittorrent.geometry.FilePlace;
import io.shoal.bittorrent.geometry.Geometry;
import io.shoal.bittorrent.geometry.Segment;
import io.shoal.contracts.objects.ObjectKeys;
import io.shoal.objectstore.NoSuchObjectException;
import io.shoal.objectstore.ObjectStore;
import io.shoal.objectstore.StoreUnavailableException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the store has of one generation of a torrent.
 *
 * @param stored segments that exist, as objects of their own or in an assembled file
 * @param spills verified pieces of other segments
 * @param obsoleteSpills keys of spills that are not needed: their segments are stored
 */
public record StoredContent(BitSet stored, List<FoundSpill> spills, List<String> obsoleteSpills) {
    private static final Logger LOG = LoggerFactory.getLogger(StoredContent.class);

    /** The most spills that are read of one segment; a segment that lost its owner more often is downloaded again. */
    private static final int SPILLS_PER_SEGMENT = 64;

    /** A spill and where it is. */
    record FoundSpill(String key, Spill spill) {}

    public StoredContent {
        stored = (BitSet) stored.clone();
        spills = List.copyOf(spills);
        obsoleteSpills = List.copyOf(obsoleteSpills);
    }

    /** Creates it from what the predecessor has published, without a request to the store. */
    public static StoredContent trusted(BitSet stored) {
        return new StoredContent(stored, List.of(), List.of());
    }

    /**
     * Lists the store: one listing, and one small read for each spill of a segment that is not stored.
     *
     * @throws StoreUnavailableException if the store does not answer
     */
    public static StoredContent list(ObjectStore store, ObjectKeys keys, Geometry geometry)
            throws StoreUnavailableException {
        Listing listing = new Listing(keys, geometry);
        store.list(keys.prefix(), listing::take);
        List<FoundSpill> spills = new ArrayList<>();
        List<String> obsolete = new ArrayList<>();
        for (Map.Entry<Integer, List<ObjectStore.Listed>> entry : listing.spills.entrySet()) {
            if (listing.stored.get(entry.getKey())) {
                entry.getValue().forEach(listed -> obsolete.add(listed.key()));
                continue;
            }
            for (ObjectStore.Listed listed : entry.getValue()) {
                try {
                    byte[] header = new byte[Spill.headerBytes(geometry, entry.getKey())];
                    if (listed.size() > header.length) {
                        store.read(listed.key(), 0, ByteBuffer.wrap(header));
                    }
                    spills.add(new FoundSpill(
                            listed.key(), Spill.decode(geometry, entry.getKey(), header, listed.size())));
                } catch (NoSuchObjectException e) {
                    LOG.info("A spill went while it was listed: {}", listed.key());
                } catch (Spill.BadSpillException e) {
                    LOG.warn("Ignored {}: {}", listed.key(), e.getMessage());
                }
            }
        }
        return new StoredContent(listing.stored, spills, obsolete);
    }

    /** Classifies keys; unknown keys are ignored. */
    private static final class Listing {
        private final ObjectKeys keys;
        private final Geometry geometry;
        final BitSet stored = new BitSet();
        final Map<Integer, List<ObjectStore.Listed>> spills = new HashMap<>();

        Listing(ObjectKeys keys, Geometry geometry) {
            this.keys = keys;
            this.geometry = geometry;
        }

        void take(ObjectStore.Listed object) {
            String key = object.key();
            if (key.startsWith(keys.segmentsPrefix())) {
                takeSegment(key.substring(keys.segmentsPrefix().length()), object.size());
            } else if (key.startsWith(keys.filesPrefix())) {
                takeFile(key.substring(keys.filesPrefix().length()), object.size());
            } else if (key.startsWith(keys.spillsPrefix())) {
                takeSpill(key.substring(keys.spillsPrefix().length()), object);
            }
        }

        private void takeSegment(String name, long size) {
            int segment = number(name, 16);
            List<Segment> segments = geometry.segments();
            if (segment >= 0
                    && segment < segments.size()
                    && segments.get(segment).length() == size) {
                stored.set(segment);
            }
        }

        private void takeFile(String name, long size) {
            int file = number(name, 10);
            try {
                if (file >= 0
                        && geometry.place(new FileIndex(file)) instanceof FilePlace.Large large
                        && large.length() == size) {
                    stored.set(large.first().value(), large.first().value() + large.count());
                }
            } catch (IndexOutOfBoundsException e) {
                LOG.warn("No such file in {}: {}", keys, file);
            }
        }

        private void takeSpill(String name, ObjectStore.Listed object) {
            int slash = name.indexOf('/');
            int segment = slash < 0 ? -1 : number(name.substring(0, slash), 16);
            if (segment >= 0 && segment < geometry.segments().size()) {
                List<ObjectStore.Listed> found = spills.computeIfAbsent(segment, s -> new ArrayList<>());
                if (found.size() < SPILLS_PER_SEGMENT) {
                    found.add(object);
                }
            }
        }

        private static int number(String text, int radix) {
            try {
                return Integer.parseInt(text, radix);
            } catch (NumberFormatException e) {
                return -1;
            }
        }
    }
}
