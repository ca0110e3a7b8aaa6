package io.shoal.engine.metadata;

import io.shoal.bittorrent.wire.MetadataMessage;
import java.time.Duration;
import java.util.BitSet;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The pieces of an info dictionary of one size, as far as peers have sent them. Memory is used for the pieces that were
 * received only.
 *
 * <p>Invariant: all pieces but those {@link #missing} are kept, each with its right length.
 */
final class MetadataAttempt<P> {
    /** An attempt without progress for this long is abandoned: its size may be wrong. */
    static final long STALL_NANOS = Duration.ofSeconds(45).toNanos();

    /** An attempt that is slower than {@link #BYTES_PER_SECOND} is abandoned after this time if it is in the way. */
    static final long GRACE_NANOS = Duration.ofSeconds(20).toNanos();

    static final int BYTES_PER_SECOND = 8 << 10;

    /** An attempt that holds more is in the way of other magnets. */
    private static final int LARGE_BYTES = 1 << 20;

    private static final int GRACE_DOUBLINGS = 6;

    final int size;

    /** The only peer that is asked; null for all that offer the size. */
    final @Nullable P sole;

    final BitSet missing = new BitSet();
    final Set<P> senders = new LinkedHashSet<>();

    private final Map<Integer, byte[]> pieces = new HashMap<>();
    private final long startedAt;
    private long progressAt;
    private int held;

    MetadataAttempt(int size, @Nullable P sole, long now) {
        this.size = size;
        this.sole = sole;
        this.startedAt = now;
        this.progressAt = now;
        missing.set(0, (size + MetadataMessage.PIECE - 1) / MetadataMessage.PIECE);
    }

    int length(int piece) {
        return Math.min(MetadataMessage.PIECE, size - piece * MetadataMessage.PIECE);
    }

    /** Bytes received. */
    int held() {
        return held;
    }

    void add(P sender, int piece, byte[] bytes, long now) {
        pieces.put(piece, bytes);
        missing.clear(piece);
        senders.add(sender);
        held += bytes.length;
        progressAt = now;
    }

    boolean isComplete() {
        return missing.isEmpty();
    }

    /** Returns all pieces as one; must be complete. */
    byte[] bytes() {
        byte[] all = new byte[size];
        pieces.forEach((piece, bytes) -> System.arraycopy(bytes, 0, all, piece * MetadataMessage.PIECE, bytes.length));
        return all;
    }

    /**
     * Whether it must be abandoned.
     *
     * @param failures of earlier attempts for this size: each doubles the time that it gets, so that a peer that is
     *     slow and honest has enough in the end
     * @param othersWait whether another size waits for an attempt
     */
    boolean isHopeless(int failures, boolean othersWait, long now) {
        long age = now - startedAt;
        boolean isSlow = age > GRACE_NANOS << Math.min(failures, GRACE_DOUBLINGS)
                && held < age / Duration.ofSeconds(1).toNanos() * BYTES_PER_SECOND;
        return now - progressAt > STALL_NANOS || isSlow && (othersWait || held > LARGE_BYTES);
    }
}
