package io.shoal.tracker.limits;

import io.shoal.tracker.networks.Address;
import io.shoal.tracker.swarms.Mix;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.atomic.LongAdder;

/**
 * A leaky bucket for each address (an IPv6 /64 counts as one): it fills by one with every request and leaks at the rate that is
 * allowed; when it is full, requests are refused, and those cost the asker nothing. A client that starts again asks for all its
 * torrents at once: that is what the bucket's depth is for.
 *
 * <p>A bucket is one long: 20 bits that tell its address from others, and the moment at which it will be empty. So an address
 * that asks seldom has none: its bucket is empty before its place is needed. There is room for {@link #BUCKETS}, in groups
 * of four; where all four are in use the one that is empty soonest is given up, so that an address which asks too much keeps
 * its own, however many others are invented. Threads that meet on a bucket may count one request less.
 */
public final class RateLimit {
    /** A power of two; 8 bytes each. */
    static final int BUCKETS = 1 << 16;

    private static final int GROUP = 4;
    private static final int TIME_BITS = 44;
    private static final long TIME = (1L << TIME_BITS) - 1;

    private final int millisEach;
    private final long depthMillis;
    private final long seed;
    private final AtomicLongArray buckets = new AtomicLongArray(BUCKETS);
    private final LongAdder refused = new LongAdder();
    private final LongAdder givenUp = new LongAdder();

    /**
     * @param rate requests a second that an address may sustain, 1 to 1000; 0 for no limit
     * @param depth requests that it may make at once, at least 1
     * @param seed must not be guessable
     */
    public RateLimit(int rate, int depth, long seed) {
        if (rate < 0 || rate > 1_000 || depth < 1) {
            throw new IllegalArgumentException("0 <= rate (%d) <= 1000, 1 <= depth (%d)".formatted(rate, depth));
        }
        millisEach = rate == 0 ? 0 : 1_000 / rate;
        depthMillis = (long) depth * millisEach;
        this.seed = seed;
    }

    /** Whether the one at {@code source} may ask, at {@code now} milliseconds; counts the request if so. */
    public boolean admits(Address source, long now) {
        if (millisEach == 0) {
            return true;
        }
        int hash = Mix.mix(seed, source.high(), source.isV4() ? source.low() : 0);
        long tag = (long) (hash >>> 12) << TIME_BITS;
        int group = (hash * 0x9E3779B9 >>> 18) * GROUP;
        int at = bucket(group, tag, now);
        long bucket = buckets.get(at);
        boolean isOwn = (bucket & ~TIME) == tag;
        long empty = bucket & TIME;
        if (!isOwn && empty > now) {
            givenUp.increment();
        }
        long filled = (isOwn && empty > now ? empty : now) + millisEach;
        if (filled - now > depthMillis) {
            refused.increment();
            return false;
        }
        buckets.compareAndSet(at, bucket, tag | filled);
        return true;
    }

    /** Minutes, from 1, until a refused asker has room for half of its burst. */
    public int retryMinutes() {
        return (int) (depthMillis / 120_000) + 1;
    }

    /** The address's own place, else the one that is empty soonest. */
    private int bucket(int group, long tag, long now) {
        int soonest = group;
        for (int at = group; at < group + GROUP; at++) {
            long bucket = buckets.get(at);
            if ((bucket & ~TIME) == tag && (bucket & TIME) > now) {
                return at;
            }
            if ((bucket & TIME) < (buckets.get(soonest) & TIME)) {
                soonest = at;
            }
        }
        return soonest;
    }

    /** Requests that were refused. */
    public long refused() {
        return refused.sum();
    }

    /** Buckets that were given up before they were empty: more addresses ask at once than there is room for. */
    public long givenUp() {
        return givenUp.sum();
    }
}
