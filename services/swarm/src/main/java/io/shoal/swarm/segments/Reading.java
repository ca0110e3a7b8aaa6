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
final class Reading {
    private final Geometry geometry;
    private final WorkerStorage worker;
    private final StoredBytes storedBytes;
    private final ObjectKeys keys;
    private final Executor loop;
    private final Holdings holdings;
    private final Losses losses;
    private final BooleanSupplier closed;

    /** @param closed whether nobody listens any more */
    Reading(
            Geometry geometry,
            WorkerStorage worker,
            StoredBytes storedBytes,
            ObjectKeys keys,
            Executor loop,
            Holdings holdings,
            Losses losses,
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
        Gather gather = new Gather(reader, closed);
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

    private void readRun(Gather gather, int piece, int segment, int inSegment, int length) {
        if (segment < 0) {
            gather.done(gather.expect(), Unpooled.wrappedBuffer(new byte[length]));
            return;
        }
        SlotUse slot = holdings.slot(segment, piece);
        if (slot != null) {
            readSlot(gather, slot, inSegment, length);
            return;
        }
        KeptSpills.Kept spill = holdings.isStored(segment) ? null : holdings.spills.find(segment, piece);
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
                    - Span.of(geometry, piece, segment).offset();
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

    private void readSlot(Gather gather, SlotUse slot, int offset, int length) {
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
    private interface Gone {
        void gone(Exception cause);
    }

    private void readExtents(
            Gather gather, String object, int size, int offset, int length, RangeLoader loader, Gone gone) {
        for (int at = offset; at < offset + length; ) {
            int extent = at / Extents.BYTES;
            int extentBegin = extent * Extents.BYTES;
            int inExtent = at - extentBegin;
            int extentLength = Math.min(Extents.BYTES, size - extentBegin);
            int take = Math.min(extentLength - inExtent, offset + length - at);
            readExtent(
                    gather,
                    new Extents.Name(object, extent),
                    extentLength,
                    inExtent,
                    take,
                    into -> loader.load(extentBegin, into),
                    gone);
            at += take;
        }
    }

    private void readExtent(
            Gather gather,
            Extents.Name name,
            int extentLength,
            int inExtent,
            int take,
            Extents.Loader loader,
            Gone gone) {
        int part = gather.expect();
        ByteBuf cached = worker.extents().cached(name);
        if (cached != null) {
            gather.done(part, cached.slice(inExtent, take));
            return;
        }
        worker.extents().load(name, extentLength, loader, new Extents.Receiver() {
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
