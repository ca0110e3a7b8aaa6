package io.shoal.swarm.segments;

import java.util.BitSet;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Where the pieces of a torrent are, in buckets of neighbours: bucket {@code i} of {@code n} begins with the piece
 * {@code i * count / n}. Each list has a number of pieces for each bucket, and no piece is in two lists.
 *
 * @param count all pieces
 * @param stored in the store, in finished segments
 * @param spilled verified and in the store, in segments that are not finished
 * @param open being downloaded, or verified and not in the store yet
 */
public record PieceMap(int count, List<Integer> stored, List<Integer> spilled, List<Integer> open) {
    public PieceMap {
        stored = List.copyOf(stored);
        spilled = List.copyOf(spilled);
        open = List.copyOf(open);
    }

    /** @param most how many buckets there may be; there are no more than pieces */
    static PieceMap of(int count, BitSet stored, BitSet spilled, BitSet open, int most) {
        int buckets = Math.min(count, most);
        return new PieceMap(
                count, sums(stored, count, buckets), sums(spilled, count, buckets), sums(open, count, buckets));
    }

    private static List<Integer> sums(BitSet pieces, int count, int buckets) {
        return IntStream.range(0, buckets)
                .map(bucket -> pieces.get(from(bucket, count, buckets), from(bucket + 1, count, buckets))
                        .cardinality())
                .boxed()
                .toList();
    }

    private static int from(int bucket, int count, int buckets) {
        return (int) ((long) bucket * count / buckets);
    }
}
