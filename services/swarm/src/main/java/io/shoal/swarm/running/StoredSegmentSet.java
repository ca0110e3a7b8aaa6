package io.shoal.swarm.running;

import io.shoal.contracts.records.Bits;
import io.shoal.contracts.records.SliceRecord;
import io.shoal.contracts.records.StatusRecord;
import java.util.BitSet;
import org.jspecify.annotations.Nullable;

/**
 * The segments of a slice that are told to be in the store. They only grow, since a segment that went is downloaded again;
 * {@code check} says when to count anew.
 *
 * <p>Invariant: what is told was stored under the present check, by us or by the last owner. It is believed to be all that is
 * there once the store was asked, or when the last owner has told it. Confined to the desk.
 */
final class StoredSegmentSet {
    private BitSet segments;
    private int check;
    private boolean trusted;

    /** @param last what the last owner has told, null if there was none */
    StoredSegmentSet(int check, @Nullable StatusRecord last) {
        this.check = check;
        this.trusted = last != null && last.check() == check;
        this.segments = last != null && last.check() == check ? last.stored().toBitSet() : new BitSet();
    }

    int check() {
        return check;
    }

    Bits bits() {
        return Bits.of(segments);
    }

    /** @return whether {@code wanted} bids to count anew: nothing is told then until something is found */
    boolean resetIfRechecked(SliceRecord wanted) {
        if (wanted.check() == check) {
            return false;
        }
        check = wanted.check();
        segments = new BitSet();
        trusted = false;
        return true;
    }

    /** What need not be asked of the store, a copy; null if it must be asked in any case. */
    @Nullable
    BitSet trusted() {
        return trusted ? (BitSet) segments.clone() : null;
    }

    /** The store was asked, and has these. */
    void addFound(BitSet found) {
        segments.or(found);
        trusted = true;
    }

    /** One more is there. */
    void add(int segment) {
        segments.set(segment);
    }

    /** Whether all that {@code run} wants is there. */
    boolean satisfies(TorrentRun run) {
        return run.isMetBy(segments);
    }
}
