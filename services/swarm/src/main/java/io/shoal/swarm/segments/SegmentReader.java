package io.shoal.swarm.segments;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.shoal.bittorrent.SegmentIndex;
import io.shoal.bittorrent.geometry.Geometry;
import io.shoal.contracts.objects.ObjectKeys;
import io.shoal.engine.store.Store;
import io.shoal.objectstore.NoSuchObjectException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.BooleanSupplier;

/**
 * Reads verified bytes for peers from where they are now: slot, store, or spill, in this order. Confined to the
 * torrent's loop; blocking work runs elsewhere.
 */
final class SegmentReader {
    private final Geometry geometry;
    private final WorkerStorage worker;
    private final SegmentObjects storedBytes;
    private final ObjectKeys keys;
    private final Executor loop;
    private final SegmentInventory inventory;
    private final LostPieces lostPieces;
    private final BooleanSupplier closed;

    /** @param closed whether results are not needed any more */
    SegmentReader(
            Geometry geometry,
            WorkerStorage worker,
            SegmentObjects storedBytes,
            ObjectKeys keys,
            Executor loop,
            SegmentInventory inventory,
            LostPieces lostPieces,
            BooleanSupplier closed) {
        this.geometry = geometry;
        this.worker = worker;
        this.storedBytes = storedBytes;
        this.keys = keys;
        this.loop = loop;
        this.inventory = inventory;
        this.lostPieces = lostPieces;
        this.closed = closed;
    }

    void read(int piece, int begin, int length, Store.Reader reader) {
        CompositeRead read = new CompositeRead(reader, closed);
        if (!inventory.isHeld(piece)) {
            read.partFailed(new IOException("piece " + piece + " is not held"));
            return;
        }
        geometry.forEachRun(
                geometry.pieces().offset(piece) + begin,
                length,
                (segment, inSegment, offset, run) -> readRun(read, piece, segment, inSegment, run));
        read.allRequested();
    }

    private void readRun(CompositeRead read, int piece, int segment, int inSegment, int length) {
        if (segment < 0) {
            read.partRead(read.addPart(), Unpooled.wrappedBuffer(new byte[length]));
            return;
        }
        SlotReference slot = inventory.slot(segment, piece);
        if (slot != null) {
            readSlot(read, slot, inSegment, length);
            return;
        }
        SpillIndex.StoredSpill spill = inventory.isStored(segment) ? null : inventory.spills.find(segment, piece);
        if (spill == null) {
            int size = geometry.segments().get(segment).length();
            readExtents(
                    read,
                    keys.segment(new SegmentIndex(segment)),
                    size,
                    inSegment,
                    length,
                    (at, into) -> storedBytes.read(segment, at, into),
                    gone -> lostPieces.segmentLost(segment));
        } else {
            int inSpill = spill.spill().offset(geometry, piece)
                    + inSegment
                    - PieceSpan.of(geometry, piece, segment).offset();
            readExtents(
                    read,
                    spill.key(),
                    spill.bytes(),
                    inSpill,
                    length,
                    (at, into) -> worker.calls().store().read(spill.key(), at, into),
                    gone -> lostPieces.spillLost(spill, gone));
        }
    }

    private void readSlot(CompositeRead read, SlotReference slot, int offset, int length) {
        int part = read.addPart();
        slot.retain();
        worker.disk().execute(() -> {
            ByteBuf bytes;
            try {
                bytes = slotBytes(slot.number(), offset, length);
            } catch (Throwable e) { // whatever the failure is, the slot must become free and the reader be notified
                loop.execute(() -> {
                    slot.release();
                    read.partFailed(e);
                });
                return;
            }
            loop.execute(() -> {
                slot.release();
                read.partRead(part, bytes);
            });
        });
    }

    private ByteBuf slotBytes(int slot, int offset, int length) throws IOException {
        ByteBuf bytes = PooledByteBufAllocator.DEFAULT.directBuffer(length, length);
        try {
            worker.scratch().read(slot, offset, bytes.nioBuffer(0, length));
            return bytes.writerIndex(length);
        } catch (Throwable e) {
            bytes.release();
            throw e;
        }
    }

    /** Reads a range of an object at an offset. */
    @FunctionalInterface
    private interface RangeLoader {
        CompletableFuture<Void> load(int offset, ByteBuffer into);
    }

    /** Is notified that an object is missing. */
    @FunctionalInterface
    private interface LossListener {
        void lost(Throwable cause);
    }

    private void readExtents(
            CompositeRead read,
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
                    read,
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
            CompositeRead read,
            ExtentCache.ExtentKey key,
            int extentLength,
            int inExtent,
            int take,
            ExtentCache.Loader loader,
            LossListener gone) {
        int part = read.addPart();
        ByteBuf cached = worker.extents().cached(key);
        if (cached != null) {
            read.partRead(part, cached.slice(inExtent, take));
            return;
        }
        worker.extents().load(key, extentLength, loader, new ExtentCache.Receiver() {
            @Override
            public void done(ByteBuf extent) {
                loop.execute(() -> read.partRead(part, extent.slice(inExtent, take)));
            }

            @Override
            public void failed(Throwable cause) {
                loop.execute(() -> {
                    if (cause instanceof NoSuchObjectException) {
                        gone.lost(cause);
                    }
                    read.partFailed(cause);
                });
            }
        });
    }
}
