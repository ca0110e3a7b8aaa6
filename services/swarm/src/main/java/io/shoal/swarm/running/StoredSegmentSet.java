package io.shoal.swarm.running;

import io.shoal.contracts.records.Bits;
import io.shoal.contracts.records.SliceRecord;
import io.shoal.contracts.records.StatusRecord;
import java.util.BitSet;
import org.jspecify.annotations.Nullable;

/**
 * The segments of a slice that are published as stored. The set only grows, since a lost segment is downloaded again; a
 * changed {@code check} starts a new count. Until the store has been listed for it, what was known before is published, as the answer
 * to the check before: a check that finds everything in its place is noticed by no reader.
 *
 * <p>Invariant: published segments were stored under the published check, by this owner or by the last one. The set is
 * trusted to be complete once the store was listed, by this owner or, as its last state shows, by the last one. Confined
 * to the slice thread.
 */
final class StoredSegmentSet {
    private BitSet segments;
    private int check;
    private boolean trusted;

    /** What is published while the present check is not answered; null if it is. */
    private @Nullable Answer before;

    /** What was stored when a check was answered, and since. */
    private record Answer(int check, BitSet segments) {}

    /** @param last the last owner's status, null if there was none */
    StoredSegmentSet(int check, @Nullable StatusRecord last) {
        this.check = check;
        StatusRecord known = last != null && last.check() == check ? last : null;
        this.trusted = known != null && isListed(known.state());
        this.segments = known == null ? new BitSet() : known.stored().toBitSet();
        this.before = last == null || known != null
                ? null
                : new Answer(last.check(), last.stored().toBitSet());
    }

    /** Whether an owner in this state had listed the store: one that was starting, or never ran, may not have. */
    private static boolean isListed(StatusRecord.State state) {
        return state == StatusRecord.State.DOWNLOADING || state == StatusRecord.State.SEEDING;
    }

    /** Returns the check that {@link #bits} answers to. */
    int check() {
        return before == null ? check : before.check;
    }

    Bits bits() {
        return Bits.of(before == null ? segments : before.segments);
    }

    /** Whether the store must be listed although nothing is to be downloaded: a check is not answered. */
    boolean isCheckPending() {
        return before != null;
    }

    /** @return whether {@code wanted} requires a new count: the set is empty then until segments are found */
    boolean resetIfRechecked(SliceRecord wanted) {
        if (wanted.check() == check) {
            return false;
        }
        if (before == null) {
            before = new Answer(check, segments);
        }
        check = wanted.check();
        segments = new BitSet();
        trusted = false;
        return true;
    }

    /**
     * Returns a copy of the segments that need not be listed from the store; null if the store must be asked in any
     * case.
     */
    @Nullable
    BitSet trusted() {
        return trusted ? (BitSet) segments.clone() : null;
    }

    /** The store was listed, and has these segments. */
    void addFound(BitSet found) {
        segments.or(found);
        trusted = true;
        before = null;
    }

    /** One more segment is stored. */
    void add(int segment) {
        segments.set(segment);
        if (before != null) {
            before.segments.set(segment);
        }
    }

    /** Whether all that {@code run} wants is stored. */
    boolean satisfies(TorrentRun run) {
        return run.isMetBy(segments);
    }
}
