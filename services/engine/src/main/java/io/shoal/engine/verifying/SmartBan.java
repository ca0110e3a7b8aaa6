package io.shoal.engine.verifying;

import io.shoal.bittorrent.Sha1;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Finds out which peer sent wrong data when a piece fails its hash, and bans no other.
 *
 * <p>A failed hash shows only that some block of the piece is wrong. If one sender sent all of them, it is
 * responsible. Otherwise the sender and a digest of each block are remembered; when the piece is downloaded again and
 * verified, each sender of a different block is responsible. Digests are cryptographic: a checksum could be
 * forged by a peer that has the right block too.
 *
 * <p>Addresses are banned, not peers ({@link Sender}). Pieces belong to the torrent and are not shared with others. Memory is bounded: the oldest record and the oldest ban are forgotten.
 */
public final class SmartBan {
    /** Blocks whose senders are remembered after a failure: about 100 bytes each. */
    static final int BLOCKS_REMEMBERED_MAX = 1 << 16;

    /** Senders that stay banned. */
    static final int BANS_MAX = 1 << 12;

    /** For each open piece, the sender of each received block. */
    private final Map<Integer, @Nullable Sender[]> senders = new HashMap<>();

    /** For each piece that failed and is not yet verified, the blocks that were sent. */
    private final Map<Integer, FailedPiece> failedPieces = new LinkedHashMap<>();

    private final Set<Sender> banned = new LinkedHashSet<>();
    private int blocksRemembered;

    /** The blocks that several senders sent of one piece, over all its failures. */
    private static final class FailedPiece {
        final Deque<SentBlock> blocks = new ArrayDeque<>();
    }

    private record SentBlock(Sender from, int block, long digest) {}

    /** The digest of one block: 64 bits of its SHA-1. Touches no state; may be called on any thread. */
    public static long digest(ByteBuffer block) {
        MessageDigest sha1 = Sha1.digest();
        sha1.update(block);
        return ByteBuffer.wrap(sha1.digest()).getLong();
    }

    /**
     * A block was accepted.
     *
     * @param blocks how many blocks {@code piece} has
     */
    public void received(int piece, int blocks, int block, Sender from) {
        senders.computeIfAbsent(piece, p -> new Sender[blocks])[block] = from;
    }

    /** The piece is dropped before it was hashed: its blocks prove nothing. */
    public void dropped(int piece) {
        senders.remove(piece);
    }

    /** Whether the result of {@code piece} needs digests of its blocks: it failed before, or several peers sent it. */
    public boolean needsDigests(int piece, boolean matches) {
        return matches ? failedPieces.containsKey(piece) : distinct(piece).size() > 1;
    }

    /**
     * The piece failed its hash.
     *
     * @param digests of all its blocks if {@link #needsDigests}, otherwise not used
     * @return those that are proven to have lied, and are banned from now on; mostly none yet
     */
    public Set<Sender> failed(int piece, long[] digests) {
        Set<Sender> from = distinct(piece);
        @Nullable Sender[] sentBy = senders.remove(piece);
        if (sentBy == null) {
            return Set.of();
        }
        if (from.size() == 1) {
            from.forEach(this::ban);
            return from;
        }
        FailedPiece failedPiece = failedPieces.computeIfAbsent(piece, p -> new FailedPiece());
        for (int block = 0; block < sentBy.length; block++) {
            Sender sender = sentBy[block];
            if (sender != null) {
                failedPiece.blocks.add(new SentBlock(sender, block, digests[block]));
                blocksRemembered++;
            }
        }
        forgetOldest();
        return Set.of();
    }

    /**
     * The piece is verified.
     *
     * @param digests of all its blocks if {@link #needsDigests}, otherwise not used
     * @return those that are proven to have lied before, and are banned from now on
     */
    public Set<Sender> verified(int piece, long[] digests) {
        senders.remove(piece);
        FailedPiece failedPiece = failedPieces.remove(piece);
        if (failedPiece == null) {
            return Set.of();
        }
        blocksRemembered -= failedPiece.blocks.size();
        Set<Sender> liars = new LinkedHashSet<>();
        for (SentBlock sent : failedPiece.blocks) {
            if (sent.digest() != digests[sent.block()]) {
                liars.add(sent.from());
            }
        }
        liars.forEach(this::ban);
        return liars;
    }

    /** Whether {@code sender} is proven to have lied. */
    public boolean isBanned(Sender sender) {
        return banned.contains(sender);
    }

    private void ban(Sender sender) {
        banned.add(sender);
        if (banned.size() > BANS_MAX) {
            banned.remove(banned.iterator().next());
        }
    }

    private void forgetOldest() {
        List<Integer> oldest = new ArrayList<>(failedPieces.keySet());
        for (int i = 0; blocksRemembered > BLOCKS_REMEMBERED_MAX; i++) {
            blocksRemembered -= Objects.requireNonNull(failedPieces.remove(oldest.get(i)))
                    .blocks
                    .size();
        }
    }

    private Set<Sender> distinct(int piece) {
        Set<Sender> from = new LinkedHashSet<>();
        @Nullable Sender[] sentBy = senders.get(piece);
        if (sentBy != null) {
            for (Sender each : sentBy) {
                if (each != null) {
                    from.add(each);
                }
            }
        }
        return from;
    }
}
