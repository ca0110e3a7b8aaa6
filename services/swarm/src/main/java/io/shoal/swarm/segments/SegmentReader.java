package io.shoal.swarm.segments;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.shoal.bittorrent.SegmentIndex;
import io.shoal.bittorrent.geometry.Geometry;
import io.shoal.contracts.objects.ObjectKeys;
import io.shoal.engine.store.Store;
import io.shoal.objectstore.NoSuchObjectException;
import io.shoal.objectstore.StoreUnavailableException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.Executor;
import java.util.function.BooleanSupplier;

/**
 * Reads verified bytes for peers from wherever they lie now: slot, store, or spill, in this order. Confined to the torrent's
 * loop; what blocks runs elsewhere.
 */
final class SegmentReader {
    private final Geometry geometry;
    private final WorkerStorage worker;
    private final SegmentObjects storedBytes;
    private final ObjectKeys keys;
    private final Executor loop;
    private final SegmentInventory holdings;
    private final LostPieces losses;
    private final BooleanSupplier closed;

    /** @param closed whether nobody listens any more */
    SegmentReader(
            Geometry geometry,
            WorkerStorage worker,
            SegmentObjects storedBytes,
            ObjectKeys keys,
            Executor loop,
            SegmentInventory holdings,
            LostPieces losses,
            BooleanSupplier closed) {
        this.geometry = geometry;
        this.worker = worker;
        this.storedBytes = storedBytes;
        this.keys = keys;
        this.loop = loop;
        this.holdings = holdings;
        this.losses = losses;
        this.closed = closed;
    }

    void read(int piece, int begin, int length, Store.Reader reader) {
        CompositeRead gather = new CompositeRead(reader, closed);
        if (!holdings.isHeld(piece)) {
            gather.failed(new IOException("piece " + piece + " is not held"));
            return;
        }
        geometry.forEachRun(
                geometry.pieces().offset(piece) + begin,
                length,
                (segment, inSegment, offset, run) -> readRun(gather, piece, segment, inSegment, run));
        gather.complete();
    }

    private void readRun(CompositeRead gather, int piece, int segment, int inSegment, int length) {
        if (segment < 0) {
            gather.done(gather.expect(), Unpooled.wrappedBuffer(new byte[length]));
            return;
        }
        SlotReference slot = holdings.slot(segment, piece);
        if (slot != null) {
            readSlot(gather, slot, inSegment, length);
            return;
        }
        SpillIndex.StoredSpill spill = holdings.isStored(segment) ? null : holdings.spills.find(segment, piece);
        if (spill == null) {
            int size = geometry.segments().get(segment).length();
            readExtents(
                    gather,
                    keys.segment(new SegmentIndex(segment)),
                    size,
                    inSegment,
                    length,
                    (at, into) -> storedBytes.read(segment, at, into),
                    gone -> losses.segmentGone(segment));
        } else {
            int inSpill = spill.spill().offset(geometry, piece)
                    + inSegment
                    - PieceSpan.of(geometry, piece, segment).offset();
            readExtents(
                    gather,
                    spill.key(),
                    spill.bytes(),
                    inSpill,
                    length,
                    (at, into) -> worker.calls().store().read(spill.key(), at, into),
                    gone -> losses.spillGone(spill, gone));
        }
    }

    private void readSlot(CompositeRead gather, SlotReference slot, int offset, int length) {
        int part = gather.expect();
        slot.retain();
        worker.disk().execute(() -> {
            ByteBuf bytes = PooledByteBufAllocator.DEFAULT.directBuffer(length, length);
            try {
                worker.scratch().read(slot.number(), offset, bytes.nioBuffer(0, length));
                bytes.writerIndex(length);
                loop.execute(() -> {
                    slot.release();
                    gather.done(part, bytes);
                });
            } catch (IOException e) {
                bytes.release();
                loop.execute(() -> {
                    slot.release();
                    gather.failed(e);
                });
            }
        });
    }

    /** Reads a range of an object at an offset. */
    @FunctionalInterface
    private interface RangeLoader {
        void load(int offset, ByteBuffer into) throws NoSuchObjectException, StoreUnavailableException;
    }

    /** Hears that an object is gone. */
    @FunctionalInterface
    private interface LossListener {
        void gone(Exception cause);
    }

    private void readExtents(
            CompositeRead gather,
            String object,
            int size,
            int offset,
            int length,
            RangeLoader loader,
            LossListener gone) {
        for (int at = offset; at < offset + length; ) {
            int extent = at / ExtentCache.BYTES;
            int extentBegin = extent * ExtentCache.BYTES;
            int inExtent = at - extentBegin;
            int extentLength = Math.min(ExtentCache.BYTES, size - extentBegin);
            int take = Math.min(extentLength - inExtent, offset + length - at);
            readExtent(
                    gather,
                    new ExtentCache.ExtentKey(object, extent),
                    extentLength,
                    inExtent,
                    take,
                    into -> loader.load(extentBegin, into),
                    gone);
            at += take;
        }
    }

    private void readExtent(
            CompositeRead gather,
            ExtentCache.ExtentKey name,
            int extentLength,
            int inExtent,
            int take,
            ExtentCache.Loader loader,
            LossListener gone) {
        int part = gather.expect();
        ByteBuf cached = worker.extents().cached(name);
        if (cached != null) {
            gather.done(part, cached.slice(inExtent, take));
            return;
        }
        worker.extents().load(name, extentLength, loader, new ExtentCache.Receiver() {
            @Override
            public void done(ByteBuf extent) {
                loop.execute(() -> gather.done(part, extent.slice(inExtent, take)));
            }

            @Override
            public void failed(Exception cause) {
                loop.execute(() -> {
                    if (cause instanceof NoSuchObjectException) {
                        gone.gone(cause);
                    }
                    gather.failed(cause);
                });
            }
        });
    }
}
