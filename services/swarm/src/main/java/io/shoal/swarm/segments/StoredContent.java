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
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
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

    /** An object that is named like a spill. */
    private record SpillObject(int segment, ObjectStore.Listed listed) {}

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
     * Lists the store: one listing, and one small read after the other for each spill of a segment that is not stored.
     * Fails with {@link StoreUnavailableException} if the store does not answer.
     */
    public static CompletableFuture<StoredContent> list(StoreCalls calls, ObjectKeys keys, Geometry geometry) {
        Listing listing = new Listing(keys, geometry);
        return calls.store()
                .list(keys.prefix(), listing::take)
                .thenComposeAsync(nothing -> listing.read(calls), calls.loop());
    }

    /** Classifies keys; unknown keys are ignored. Then reads which pieces the spills have. */
    private static final class Listing {
        private final ObjectKeys keys;
        private final Geometry geometry;
        private final BitSet stored = new BitSet();
        private final Map<Integer, List<ObjectStore.Listed>> spills = new TreeMap<>();
        private final List<FoundSpill> needed = new ArrayList<>();
        private final List<String> obsolete = new ArrayList<>();

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

        CompletableFuture<StoredContent> read(StoreCalls calls) {
            Deque<SpillObject> unread = new ArrayDeque<>();
            spills.forEach((segment, objects) -> {
                if (stored.get(segment)) {
                    objects.forEach(listed -> obsolete.add(listed.key()));
                } else {
                    objects.forEach(listed -> unread.add(new SpillObject(segment, listed)));
                }
            });
            return readNext(calls, unread);
        }

        private CompletableFuture<StoredContent> readNext(StoreCalls calls, Deque<SpillObject> unread) {
            SpillObject next = unread.poll();
            if (next == null) {
                return CompletableFuture.completedFuture(new StoredContent(stored, needed, obsolete));
            }
            byte[] header = new byte[Spill.headerBytes(geometry, next.segment)];
            CompletableFuture<Void> read = next.listed.size() > header.length
                    ? calls.store().read(next.listed.key(), 0, ByteBuffer.wrap(header))
                    : CompletableFuture.completedFuture(null);
            return read.handleAsync(
                            (nothing, failure) -> {
                                if (failure == null) {
                                    takeHeader(next, header);
                                } else if (failure instanceof NoSuchObjectException) {
                                    LOG.info("A spill went while it was listed: {}", next.listed.key());
                                } else {
                                    throw new CompletionException(failure);
                                }
                                return unread;
                            },
                            calls.loop())
                    .thenCompose(rest -> readNext(calls, rest));
        }

        private void takeHeader(SpillObject object, byte[] header) {
            try {
                Spill spill = Spill.decode(geometry, object.segment, header, object.listed.size());
                needed.add(new FoundSpill(object.listed.key(), spill));
            } catch (Spill.BadSpillException e) {
                LOG.warn("Ignored {}: {}", object.listed.key(), e.getMessage());
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
