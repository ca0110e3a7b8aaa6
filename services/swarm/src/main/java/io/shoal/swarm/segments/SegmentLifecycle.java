package io.shoal.swarm.segments;

import io.shoal.swarm.scratch.Slots;
import java.util.BitSet;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Moves begun segments on when it is time: a full one is stored, one that nobody wants ends, one that must make room is
 * spilled, and one that begins has its spills brought back.
 *
 * <p>Invariant: a segment is stored only when the store has acknowledged it, and its slot is given back only then. Confined to
 * the torrent's loop.
 */
final class SegmentLifecycle implements SegmentTransfers.Listener {
    private static final Logger LOG = LoggerFactory.getLogger(SegmentLifecycle.class);

    private final OpenSegments filling;
    private final SegmentInventory holdings;
    private final LostPieces losses;
    private final SegmentTransfers departure;
    private final Slots.Share share;
    private final SegmentListener events;
    private @Nullable CompletableFuture<Void> handedOver;

    /** @param ways makes the ways to the store, of which this hears */
    SegmentLifecycle(
            OpenSegments filling,
            SegmentInventory holdings,
            LostPieces losses,
            Function<SegmentTransfers.Listener, SegmentTransfers> ways,
            Slots.Share share,
            SegmentListener events) {
        this.filling = filling;
        this.holdings = holdings;
        this.losses = losses;
        this.departure = ways.apply(this);
        this.share = share;
        this.events = events;
    }

    /** Moves a begun segment on, if it is time. */
    void settle(int segment) {
        OpenSegment begun = filling.begun(segment);
        if (begun == null || !begun.isIdle()) {
            return;
        }
        if (!holdings.wants(segment)) {
            end(segment);
            losses.slotGone(segment);
        } else if (begun.isFull()) {
            begun.leaving = true;
            departure.store(segment, begun.slot);
        } else if (handedOver != null) {
            spill(segment, begun);
        }
    }

    /** The same of every one. */
    void settleAll() {
        filling.begun().forEach(this::settle);
    }

    /** Spills those that nothing needs in their slots and that {@code which} accepts. */
    void spillIdle(Predicate<OpenSegment> which) {
        for (int segment : filling.begun()) {
            OpenSegment begun = filling.begun(segment);
            if (begun != null && begun.isIdle() && which.test(begun)) {
                spill(segment, begun);
            }
        }
    }

    private void spill(int segment, OpenSegment begun) {
        BitSet fresh = fresh(segment, begun);
        if (fresh.isEmpty()) {
            end(segment);
        } else {
            begun.leaving = true;
            departure.spill(segment, fresh, begun.slot);
        }
    }

    /** Pieces in the slot that no spill has. */
    private BitSet fresh(int segment, OpenSegment begun) {
        BitSet fresh = (BitSet) begun.verified.clone();
        fresh.andNot(holdings.spills.pieces(segment));
        return fresh;
    }

    private void end(int segment) {
        filling.end(segment);
        completeHandOver();
    }

    /** Brings back what spills have of a segment that has begun. */
    void load(int segment) {
        OpenSegment begun = filling.begun(segment);
        if (begun != null) {
            for (SpillIndex.StoredSpill spill : holdings.spills.of(segment)) {
                begun.loading++;
                departure.load(segment, spill, begun.slot);
            }
        }
    }

    /** Segments that spills have whole: no piece of them will be opened, so nothing else would bring them on. */
    void bringBackWhatIsWhole() {
        SpillIndex spills = holdings.spills;
        for (int segment : spills.segments()) {
            boolean whole = spills.pieces(segment).equals(holdings.piecesOf(segment));
            if (whole && holdings.wants(segment) && filling.begun(segment) == null && filling.begin(segment) != null) {
                load(segment);
            }
        }
    }

    /** Deletes spills that nobody needs. */
    void delete(List<String> spills) {
        departure.delete(spills);
    }

    /** Whether the store keeps one waiting. Any thread. */
    boolean isDelayed() {
        return departure.isDelayed();
    }

    /** Stores or spills all that is begun; completes {@code done} when nothing is begun any more. */
    void handOver(CompletableFuture<Void> done) {
        handedOver = done;
        settleAll();
        completeHandOver();
    }

    /** Gives up all that is begun. */
    void abandon() {
        departure.cancel();
        filling.begun().forEach(filling::end);
        completeHandOver();
    }

    private void completeHandOver() {
        if (handedOver != null && filling.begun().isEmpty()) {
            handedOver.complete(null);
        }
    }

    // ---- What the store tells

    @Override
    public void stored(int segment) {
        holdings.setStored(segment, true);
        filling.end(segment);
        departure.delete(holdings.spills.removeAll(segment));
        if (holdings.isMet()) {
            share.content();
        }
        events.stored(segment);
        completeHandOver();
    }

    @Override
    public void spilled(int segment, String key, Spill spill) {
        holdings.spills.add(key, spill);
        OpenSegment begun = filling.begun(segment);
        if (begun != null) {
            begun.leaving = false;
            if (begun.isIdle() && fresh(segment, begun).isEmpty()) {
                end(segment);
            } else {
                settle(segment);
            }
        }
    }

    @Override
    public void loaded(int segment, SpillIndex.StoredSpill spill) {
        OpenSegment begun = filling.begun(segment);
        if (begun != null) {
            begun.loading--;
            begun.verified.or(spill.spill().pieces());
            settle(segment);
        }
    }

    @Override
    public void notLoaded(int segment, SpillIndex.StoredSpill spill, Exception cause) {
        losses.spillGone(spill, cause);
        OpenSegment begun = filling.begun(segment);
        if (begun != null) {
            begun.loading--;
            settle(segment);
        }
    }

    @Override
    public void slotFailed(int segment, Exception cause) {
        LOG.error("The scratch file does not give back segment {}, which is downloaded again", segment, cause);
        filling.end(segment);
        losses.slotGone(segment);
        completeHandOver();
    }
}
