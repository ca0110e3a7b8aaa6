package io.shoal.engine.picking;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.function.LongSupplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The {@link Claims} of all torrents of one engine that have one info-hash. A claim is a hint with an end: a torrent whose sibling
 * does not deliver in time gets the piece itself. Any thread.
 */
public final class SharedClaims {
    /** Long enough to get a piece, verify it and pass it on, on a busy machine. */
    static final Duration FROM_FAST = Duration.ofSeconds(60);

    /** A piece from a slow peer is awaited for a shorter time: another peer may be faster. */
    static final Duration FROM_SLOW = Duration.ofSeconds(20);

    /** Segments that siblings start together: the pieces of the earlier one are requested first. */
    static final int SEGMENTS = 2;

    private static final int OWNER_BITS = 20;
    private static final long OWNER = (1 << OWNER_BITS) - 1;

    private final AtomicInteger owners = new AtomicInteger();

    /** For each piece the owner of the latest claim, and above it when that ends, in milliseconds; 0 for none. */
    private volatile @Nullable AtomicLongArray claims;

    private volatile List<Integer> started = List.of();

    /**
     * The claims of one more torrent.
     *
     * @param clock in nanoseconds, the same for all
     */
    public Claims of(int pieces, LongSupplier clock) {
        int number = owners.incrementAndGet();
        if (number > 1 && claims == null) {
            claims = new AtomicLongArray(pieces); // two may race; only hints are lost
        }
        return new OwnedClaims(number & OWNER, clock);
    }

    private static List<Integer> with(List<Integer> segments, int latest) {
        if (segments.contains(latest)) {
            return segments;
        }
        int skip = Math.max(0, segments.size() - SEGMENTS + 1);
        return Stream.concat(segments.stream().skip(skip), Stream.of(latest)).toList();
    }

    private final class OwnedClaims implements Claims {
        private final long owner;
        private final LongSupplier clock;

        OwnedClaims(long owner, LongSupplier clock) {
            this.owner = owner;
            this.clock = clock;
        }

        private long now() {
            return clock.getAsLong() / 1_000_000;
        }

        @Override
        public boolean isClaimed(int piece) {
            AtomicLongArray all = claims;
            long claim = all == null ? 0 : all.get(piece);
            return claim != 0 && (claim & OWNER) != owner && now() < claim >> OWNER_BITS;
        }

        @Override
        public void claim(int piece, boolean fast) {
            AtomicLongArray all = claims;
            if (all != null) {
                long end = now() + (fast ? FROM_FAST : FROM_SLOW).toMillis();
                all.set(piece, end << OWNER_BITS | owner);
            }
        }

        @Override
        public void renew(int piece) {
            AtomicLongArray all = claims;
            if (all != null && (all.get(piece) & OWNER) == owner) {
                claim(piece, true);
            }
        }

        @Override
        public void release(int piece) {
            AtomicLongArray all = claims;
            long claim = all == null ? 0 : all.get(piece);
            if (all != null && (claim & OWNER) == owner) {
                all.compareAndSet(piece, claim, 0);
            }
        }

        @Override
        public void start(int segment) {
            started = with(started, segment); // two may race; only hints are lost
        }

        @Override
        public List<Integer> started() {
            return claims == null ? List.of() : started;
        }
    }
}
