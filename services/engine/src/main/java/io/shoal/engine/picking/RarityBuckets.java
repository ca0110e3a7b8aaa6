package io.shoal.engine.picking;

import io.shoal.bittorrent.geometry.PieceRange;
import java.util.Arrays;
import java.util.function.IntPredicate;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * The pieces that may be opened, in order: by tier, the highest first, and within a tier by rarity, the rarest first;
 * at random among equals, so that peers that see the same swarm do not all choose the same piece.
 *
 * <p>Each (tier, rarity) has a bucket, an unordered array. Every piece knows its bucket and its index there, so adding,
 * removing and moving take constant time: the last piece fills the gap. A search goes through the buckets until it
 * finds a piece that the peer has. For a peer with few pieces that could take long, so after {@link #PROBES} pieces the
 * peer's own bits are searched instead, 64 at a time.
 *
 * <p>An odd tier is preferred to the even one below it. A search may be confined to the odd tiers, so that it costs
 * nothing how many pieces the even ones have.
 *
 * <p>Invariant: {@code bucketOf[p] == NONE} or {@code buckets[bucketOf[p]].pieces[placeOf[p]] == p}; bit {@code p} of
 * {@code present} is set iff {@code bucketOf[p] != NONE}, and bit {@code p} of {@code odd} iff the bucket's tier is odd
 * too; a bit of {@code nonEmpty} is set iff its bucket is not empty.
 */
final class RarityBuckets {
    /** Tiers are numbered from 0, the least wanted. */
    static final int TIERS = 16;

    /** From this many copies on, rarity makes no difference. A multiple of 64. */
    static final int RARITIES = 128;

    /** Pieces that are looked at in order before the peer's bits are searched. */
    private static final int PROBES = 1024;

    /** Pieces of the peer that are compared when its bits are searched. */
    private static final int SAMPLE = 64;

    /** Pieces that are offered to the caller when the peer's bits are searched, if it refuses most. */
    private static final int OFFERS = 512;

    private static final short NONE = -1;

    private final RandomGenerator random;
    private final @Nullable Bucket[] buckets = new Bucket[TIERS * RARITIES];
    private final long[] nonEmpty = new long[TIERS * RARITIES / 64];
    private final short[] bucketOf;
    private final int[] placeOf;
    private final long[] present;
    private final long[] odd;
    private int size;

    RarityBuckets(int pieces, RandomGenerator random) {
        this.random = random;
        bucketOf = new short[pieces];
        Arrays.fill(bucketOf, NONE);
        placeOf = new int[pieces];
        present = new long[(pieces + 63) >> 6];
        odd = new long[present.length];
    }

    int size() {
        return size;
    }

    boolean contains(int piece) {
        return bucketOf[piece] != NONE;
    }

    /** Returns how many pieces of {@code rarity} there are, in all tiers. */
    int sizeOf(int rarity) {
        int sum = 0;
        for (int tier = 0; tier < TIERS; tier++) {
            Bucket bucket = buckets[tier * RARITIES + rarity];
            sum += bucket == null ? 0 : bucket.size;
        }
        return sum;
    }

    /** Puts {@code piece} into the bucket of {@code tier} and {@code rarity}, and removes it from any other. */
    void put(int piece, int tier, int rarity) {
        int to = tier * RARITIES + Math.min(rarity, RARITIES - 1);
        if (bucketOf[piece] == to) {
            return;
        }
        remove(piece);
        Bucket bucket = buckets[to];
        if (bucket == null) {
            bucket = new Bucket();
            buckets[to] = bucket;
        }
        bucketOf[piece] = (short) to;
        placeOf[piece] = bucket.add(piece);
        nonEmpty[to >> 6] |= 1L << to;
        present[piece >> 6] |= 1L << piece;
        odd[piece >> 6] |= (long) (tier & 1) << piece;
        size++;
    }

    void remove(int piece) {
        int from = bucketOf[piece];
        if (from == NONE) {
            return;
        }
        Bucket bucket = bucket(from);
        int moved = bucket.removeAt(placeOf[piece]);
        placeOf[moved] = placeOf[piece];
        if (bucket.size == 0) {
            nonEmpty[from >> 6] &= ~(1L << from);
        }
        bucketOf[piece] = NONE;
        present[piece >> 6] &= ~(1L << piece);
        odd[piece >> 6] &= ~(1L << piece);
        size--;
    }

    /**
     * Returns the first piece, in the order of this class, that {@code peer} has and {@code admitted} accepts.
     *
     * @param minTier pieces of lower tiers are not considered
     * @return -1 if there is none
     */
    int first(PeerPieces peer, int minTier, IntPredicate admitted) {
        return first(peer, minTier, 1, present, admitted);
    }

    /** As {@link #first}, but of an odd tier. */
    int firstOdd(PeerPieces peer, int minTier, IntPredicate admitted) {
        return first(peer, minTier, 2, odd, admitted);
    }

    private int first(PeerPieces peer, int minTier, int step, long[] among, IntPredicate admitted) {
        int probes = PROBES;
        for (int tier = TIERS - 1; tier >= minTier; tier -= step) {
            // A piece of rarity 0 is only at seeds.
            int rarity = peer.joinedAsSeed() ? 0 : 1;
            while ((rarity = nextRarity(tier, rarity)) >= 0) {
                Bucket bucket = bucket(tier * RARITIES + rarity);
                int at = random.nextInt(bucket.size);
                for (int i = 0; i < bucket.size; i++) {
                    if (probes-- == 0) {
                        return sample(peer, minTier, true, among, admitted);
                    }
                    int piece = bucket.pieces[at];
                    if (peer.has(piece) && admitted.test(piece)) {
                        return piece;
                    }
                    at = at + 1 == bucket.size ? 0 : at + 1;
                }
                rarity++;
            }
        }
        return -1;
    }

    /**
     * Returns the rarest piece of {@code range} that {@code peer} has and {@code admitted} accepts.
     *
     * @param minTier pieces of lower tiers are not considered
     * @return -1 if there is none
     */
    int rarestIn(PieceRange range, PeerPieces peer, int minTier, IntPredicate admitted) {
        int best = -1;
        int piece = range.from() + random.nextInt(range.to() - range.from());
        for (int i = range.from(); i < range.to(); i++) {
            boolean isRarer = bucketOf[piece] >= minTier * RARITIES
                    && (best < 0 || bucketOf[piece] % RARITIES < bucketOf[best] % RARITIES);
            if (isRarer && peer.has(piece) && admitted.test(piece)) {
                best = piece;
            }
            piece = piece + 1 == range.to() ? range.from() : piece + 1;
        }
        return best;
    }

    /** As {@link #first}, but any piece of the highest tier, whether rare or not. */
    int any(PeerPieces peer, int minTier, IntPredicate admitted) {
        for (int tier = TIERS - 1; tier >= minTier; tier--) {
            int piece = nextRarity(tier, 0) < 0 ? -1 : sample(peer, tier, false, present, admitted);
            if (piece >= 0) {
                return piece;
            }
        }
        return -1;
    }

    /** Returns the best of a few pieces that the peer has, starting at a random one. */
    private int sample(PeerPieces peer, int minTier, boolean rarest, long[] among, IntPredicate admitted) {
        int best = -1;
        int bestRank = -1;
        int seen = 0;
        int offers = OFFERS;
        int start = random.nextInt(present.length);
        for (int i = 0; i < present.length && seen < SAMPLE && offers > 0; i++) {
            int word = start + i < present.length ? start + i : start + i - present.length;
            long bits = among[word] & peer.word(word);
            for (; bits != 0 && seen < SAMPLE && offers > 0; bits &= bits - 1) {
                int piece = word * 64 + Long.numberOfTrailingZeros(bits);
                int tier = bucketOf[piece] / RARITIES;
                if (tier < minTier) {
                    continue;
                }
                offers--;
                if (!admitted.test(piece)) {
                    continue;
                }
                seen++;
                int weight = rarest ? RARITIES - 1 - bucketOf[piece] % RARITIES : random.nextInt(RARITIES);
                int rank = tier * RARITIES + weight;
                if (rank > bestRank) {
                    best = piece;
                    bestRank = rank;
                }
            }
        }
        return best;
    }

    /** Returns the lowest rarity in {@code tier}, from {@code rarity} on, that has a piece; -1 if there is none. */
    private int nextRarity(int tier, int rarity) {
        for (int at = rarity; at < RARITIES; at = (at | 63) + 1) {
            int key = tier * RARITIES + at;
            long bits = nonEmpty[key >> 6] >>> key;
            if (bits != 0) {
                return at + Long.numberOfTrailingZeros(bits);
            }
        }
        return -1;
    }

    private Bucket bucket(int key) {
        Bucket bucket = buckets[key];
        if (bucket == null) {
            throw new IllegalStateException("no bucket " + key);
        }
        return bucket;
    }

    /** An unordered array. */
    private static final class Bucket {
        private int[] pieces = new int[8];
        private int size;

        /** @return its index */
        int add(int piece) {
            if (size == pieces.length) {
                pieces = Arrays.copyOf(pieces, 2 * size);
            }
            pieces[size] = piece;
            return size++;
        }

        /** @return the piece that is at this index now, or was there if it was the last */
        int removeAt(int place) {
            pieces[place] = pieces[--size];
            return pieces[place];
        }
    }
}
