package io.shoal.swarm.segments;

import io.shoal.bittorrent.SegmentIndex;
import io.shoal.bittorrent.geometry.Geometry;
import io.shoal.contracts.objects.ObjectKeys;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.BitSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The transfers of a torrent's segments between slots and the store: a whole segment, a spill, and the load of a spill.
 * Each is repeated until the store answers. Confined to the torrent's loop.
 */
final class SegmentTransfers {
    /** Is notified of the results, on the loop. */
    interface Listener {
        /** The whole segment is in the store. */
        void stored(int segment);

        /** These pieces are in the store. */
        void spilled(int segment, String key, Spill spill);

        /** A spill's pieces are in the slot. */
        void loaded(int segment, SpillIndex.StoredSpill spill);

        /** A spill is missing. */
        void notLoaded(int segment, SpillIndex.StoredSpill spill, Throwable cause);

        /** The scratch file does not return what was written to it. */
        void slotFailed(int segment, Throwable cause);
    }

    private static final Logger LOG = LoggerFactory.getLogger(SegmentTransfers.class);

    private final Geometry geometry;
    private final ObjectKeys keys;
    private final WorkerStorage worker;
    private final Executor loop;
    private final Listener listener;
    private final Set<StoreCalls.RetryingCall> active = new LinkedHashSet<>();
    private int delayed;
    private volatile boolean isDelayed;

    SegmentTransfers(Geometry geometry, ObjectKeys keys, WorkerStorage worker, Executor loop, Listener listener) {
        this.geometry = geometry;
        this.keys = keys;
        this.worker = worker;
        this.loop = loop;
        this.listener = listener;
    }

    /** Whether the store delays a transfer. Any thread. */
    boolean isDelayed() {
        return isDelayed;
    }

    /** Cancels all transfers; a write in progress may still reach the store, where it does no harm. */
    void cancel() {
        active.forEach(StoreCalls.RetryingCall::cancel);
        active.clear();
        delayed = 0;
        isDelayed = false;
    }

    /** Stores a full segment. */
    void store(int segment, SlotReference slot) {
        int length = geometry.segments().get(segment).length();
        slot.retain();
        new SlotTransfer<Integer>(slot) {
            @Override
            void onSuccess(Integer bytes) {
                worker.calls().counters().segments.increment();
                listener.stored(segment);
            }

            @Override
            void onFailure(Throwable cause) {
                listener.slotFailed(segment, cause);
            }
        }.start(callback -> worker.calls()
                .put(
                        keys.segment(new SegmentIndex(segment)),
                        into -> worker.scratch().read(slot.number(), 0, into.limit(length)),
                        loop,
                        callback));
    }

    /** Writes {@code pieces} of a segment that is not full to a spill object. */
    void spill(int segment, BitSet pieces, SlotReference slot) {
        Spill spill = new Spill(segment, pieces);
        String key = keys.spill(new SegmentIndex(segment), worker.spillIds().get());
        slot.retain();
        new SlotTransfer<Integer>(slot) {
            @Override
            void onSuccess(Integer bytes) {
                worker.calls().counters().spills.increment();
                listener.spilled(segment, key, spill);
            }

            @Override
            void onFailure(Throwable cause) {
                listener.slotFailed(segment, cause);
            }
        }.start(callback -> worker.calls().put(key, into -> fill(spill, slot.number(), into), loop, callback));
    }

    private void fill(Spill spill, int slot, ByteBuffer into) throws IOException {
        into.put(spill.header(geometry));
        int[] spilled = spill.pieces().stream().toArray();
        for (int piece : spilled) {
            PieceSpan span = PieceSpan.of(geometry, piece, spill.segment());
            into.limit(into.position() + span.length());
            worker.scratch().read(slot, span.offset(), into);
        }
    }

    /** Loads a spill's pieces into the slot. */
    void load(int segment, SpillIndex.StoredSpill stored, SlotReference slot) {
        int number = slot.number();
        slot.retain();
        new SlotTransfer<Integer>(slot) {
            @Override
            void onSuccess(Integer bytes) {
                listener.loaded(segment, stored);
            }

            @Override
            void onFailure(Throwable cause) {
                listener.notLoaded(segment, stored, cause);
            }
        }.start(callback -> worker.calls().repeat(() -> load(stored, number), loop, callback));
    }

    private CompletableFuture<Integer> load(SpillIndex.StoredSpill stored, int slot) {
        SpillPlaces places = new SpillPlaces(geometry, stored.spill());
        return worker.calls()
                .readInRanges(
                        stored.key(),
                        places.begin(),
                        stored.bytes(),
                        (offset, bytes) -> places.scatter(
                                offset,
                                bytes,
                                (inSlot, part) -> worker.scratch().write(slot, inSlot, part)))
                .thenApply(nothing -> stored.bytes());
    }

    /** Deletes obsolete spills; those that remain when the worker dies are deleted with the generation. */
    void delete(List<String> spills) {
        if (!spills.isEmpty()) {
            new SlotTransfer<Integer>(null) {
                @Override
                void onSuccess(Integer deleted) {}

                @Override
                void onFailure(Throwable cause) {
                    LOG.warn("Could not delete spills", cause);
                }
            }.start(callback -> worker.calls()
                    .repeat(
                            () -> worker.calls().store().delete(spills).thenApply(nothing -> spills.size()),
                            loop,
                            callback));
        }
    }

    /** A call that holds a slot until it has ended. */
    private abstract class SlotTransfer<T> implements StoreCalls.Callback<T> {
        private final @Nullable SlotReference slot;
        private StoreCalls.@Nullable RetryingCall call;
        private boolean countedAsDelayed;

        SlotTransfer(@Nullable SlotReference slot) {
            this.slot = slot;
        }

        abstract void onSuccess(T answer);

        abstract void onFailure(Throwable cause);

        void start(Function<StoreCalls.Callback<T>, StoreCalls.RetryingCall> start) {
            call = start.apply(this);
            active.add(call);
        }

        @Override
        public void delayed() {
            countedAsDelayed = true;
            delayed++;
            isDelayed = true;
        }

        @Override
        public void done(T answer) {
            endDelay();
            onSuccess(answer);
        }

        @Override
        public void failed(Throwable cause) {
            endDelay();
            onFailure(cause);
        }

        @Override
        public void ended() {
            active.remove(call);
            if (slot != null) {
                slot.release();
            }
        }

        private void endDelay() {
            delayed -= countedAsDelayed ? 1 : 0;
            isDelayed = delayed > 0;
            countedAsDelayed = false;
        }
    }
}
