package io.shoal.tracker.swarms;

import org.jspecify.annotations.Nullable;

/**
 * All swarms of one family in a shard. A swarm costs a header of 40 bytes and its place in the buckets:
 *
 * <pre>
 * bytes 0-15 of the info-hash 128 | bytes 16-19 32, block 32 | seeds 21, paused 21, active 21 | downloaded 32, stopped 24, size 8
 * </pre>
 *
 * The buckets are open addressing, at most three quarters full, each entry 6 bits of the info-hash's hash and 26 of a header's
 * number plus one, 0 for none: so that of those who share a bucket only the right one's header is looked at.
 */
final class SwarmTable {
    static final int HEADER = 5;

    /** Where in a header what a {@link Swarm} opens begins. */
    static final int SWARM = 2;

    private static final int FEWEST_BUCKETS = 16;
    private static final int NUMBER_BITS = 26;
    private static final int NUMBER = (1 << NUMBER_BITS) - 1;

    private final long seed;
    private final Slab headers = new Slab(HEADER);
    private final int[] totals = new int[4];
    private final Blocks blocks;
    private final Swarm swarm;
    private int[] buckets = new int[FEWEST_BUCKETS];
    private int size;
    private int swept;

    SwarmTable(Family family, long seed) {
        this.seed = seed;
        this.blocks = new Blocks(family);
        this.swarm = new Swarm(family, blocks, totals);
    }

    /** How many swarms there are. */
    int size() {
        return size;
    }

    /** How many peers are of a state of {@link Swarm}, in all swarms. */
    int total(int state) {
        return totals[state];
    }

    /** The swarm of {@code key}, open until the next call; null if it has no peers. */
    @Nullable
    Swarm find(SwarmKey key) {
        int bucket = bucketOf(key);
        if (buckets[bucket] == 0) {
            return null;
        }
        int header = number(buckets[bucket]);
        swarm.open(headers.page(header), headers.offset(header) + SWARM);
        return swarm;
    }

    /** A new swarm for {@code key}, which has none. */
    Swarm create(SwarmKey key) {
        if ((size + 1) * 4L > buckets.length * 3L) {
            grow();
        }
        int header = headers.allocate();
        buckets[bucketOf(key)] = entry(header, key.hash(seed));
        size++;
        long[] page = headers.page(header);
        int at = headers.offset(header);
        page[at] = key.first();
        page[at + 1] = key.second();
        page[at + 2] = (long) key.last() << 32;
        swarm.openNew(page, at + SWARM);
        return swarm;
    }

    /** Passes the next {@code most} swarms to {@code visitor} and frees those that it leaves empty; returns false at the end. */
    boolean sweep(int most, Visitor visitor) {
        int end = Math.min(headers.end(), swept + most);
        for (; swept < end; swept++) {
            long[] page = headers.page(swept);
            int at = headers.offset(swept);
            int bucket = bucketOf(new SwarmKey(page[at], page[at + 1], (int) (page[at + 2] >>> 32)));
            // The number of a free header is in no bucket.
            if (number(buckets[bucket]) == swept) {
                swarm.open(page, at + SWARM);
                visitor.visit(swarm);
                if (swarm.slots() == 0) {
                    swarm.free();
                    remove(bucket);
                    headers.release(swept);
                } else {
                    swarm.shrink();
                    swarm.save();
                }
            }
        }
        if (swept == headers.end()) {
            swept = 0;
            return false;
        }
        return true;
    }

    /** What a sweep does to a swarm. */
    interface Visitor {
        void visit(Swarm swarm);
    }

    Slab headers() {
        return headers;
    }

    Blocks blocks() {
        return blocks;
    }

    /** The number of the header that is probably that of {@code key}, for {@link Prefetch}; negative if there is none. */
    int headerHint(SwarmKey key) {
        int[] all = buckets;
        return number(all[key.hash(seed) & all.length - 1]);
    }

    private int bucketOf(SwarmKey key) {
        int mask = buckets.length - 1;
        int hash = key.hash(seed);
        int bucket = hash & mask;
        while (buckets[bucket] != 0
                && ((buckets[bucket] ^ hash) >>> NUMBER_BITS != 0 || !isAt(number(buckets[bucket]), key))) {
            bucket = bucket + 1 & mask;
        }
        return bucket;
    }

    private static int entry(int header, int hash) {
        return hash & ~NUMBER | header + 1;
    }

    private static int number(int entry) {
        return (entry & NUMBER) - 1;
    }

    private boolean isAt(int header, SwarmKey key) {
        long[] page = headers.page(header);
        int at = headers.offset(header);
        return page[at] == key.first() && page[at + 1] == key.second() && (int) (page[at + 2] >>> 32) == key.last();
    }

    private int home(int header) {
        long[] page = headers.page(header);
        int at = headers.offset(header);
        return new SwarmKey(page[at], page[at + 1], (int) (page[at + 2] >>> 32)).hash(seed) & buckets.length - 1;
    }

    private void grow() {
        int[] old = buckets;
        buckets = new int[old.length * 2];
        int mask = buckets.length - 1;
        for (int entry : old) {
            if (entry != 0) {
                int bucket = home(number(entry));
                while (buckets[bucket] != 0) {
                    bucket = bucket + 1 & mask;
                }
                buckets[bucket] = entry;
            }
        }
    }

    private void remove(int bucket) {
        int mask = buckets.length - 1;
        int hole = bucket;
        for (int next = hole + 1 & mask; buckets[next] != 0; next = next + 1 & mask) {
            // An entry may move into the hole unless its home lies behind the hole.
            if ((next - home(number(buckets[next])) & mask) >= (next - hole & mask)) {
                buckets[hole] = buckets[next];
                hole = next;
            }
        }
        buckets[hole] = 0;
        size--;
    }
}
