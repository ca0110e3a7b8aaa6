package io.shoal.swarm.segments;

import io.shoal.bittorrent.geometry.Geometry;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** The spills of one torrent: pieces in the store of segments that are not stored. Confined to the loop. */
final class SpillIndex {
    /**
     * One spill.
     *
     * @param bytes of the whole object
     */
    record StoredSpill(String key, Spill spill, int bytes) {}

    private final Geometry geometry;
    private final Map<Integer, List<StoredSpill>> bySegment = new TreeMap<>();

    SpillIndex(Geometry geometry, Collection<StoredContent.FoundSpill> found) {
        this.geometry = geometry;
        found.forEach(each -> add(each.key(), each.spill()));
    }

    void add(String key, Spill spill) {
        bySegment
                .computeIfAbsent(spill.segment(), s -> new ArrayList<>())
                .add(new StoredSpill(key, spill, spill.bytes(geometry)));
    }

    /** Returns a copy of the segments that have spills, in order. */
    List<Integer> segments() {
        return List.copyOf(bySegment.keySet());
    }

    List<StoredSpill> of(int segment) {
        return List.copyOf(bySegment.getOrDefault(segment, List.of()));
    }

    /** Returns a spill of {@code segment} that has {@code piece}. */
    @Nullable
    StoredSpill find(int segment, int piece) {
        for (StoredSpill each : bySegment.getOrDefault(segment, List.of())) {
            if (each.spill.pieces().get(piece)) {
                return each;
            }
        }
        return null;
    }

    /** Returns the pieces that the spills of {@code segment} have together. */
    BitSet pieces(int segment) {
        BitSet all = new BitSet();
        of(segment).forEach(each -> all.or(each.spill.pieces()));
        return all;
    }

    /** Removes one spill. @return whether it was known */
    boolean remove(StoredSpill spill) {
        List<StoredSpill> rest = bySegment.get(spill.spill.segment());
        if (rest == null || !rest.remove(spill)) {
            return false;
        }
        if (rest.isEmpty()) {
            bySegment.remove(spill.spill.segment());
        }
        return true;
    }

    /** Removes the spills of a segment of which {@code newer} has every piece; returns their keys. */
    List<String> removeCovered(Spill newer) {
        List<String> covered = new ArrayList<>();
        for (StoredSpill each : of(newer.segment())) {
            BitSet lacking = (BitSet) each.spill.pieces().clone();
            lacking.andNot(newer.pieces());
            if (lacking.isEmpty() && remove(each)) {
                covered.add(each.key);
            }
        }
        return covered;
    }

    /** Removes the spills of {@code segment}; returns their keys. */
    List<String> removeAll(int segment) {
        List<StoredSpill> gone = bySegment.remove(segment);
        return gone == null ? List.of() : gone.stream().map(StoredSpill::key).toList();
    }
}
