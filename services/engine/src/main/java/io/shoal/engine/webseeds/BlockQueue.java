package io.shoal.engine.webseeds;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import io.shoal.bittorrent.metainfo.Pieces;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import org.jspecify.annotations.Nullable;

/**
 * The blocks that were requested from a web seed, in the order in which they are sent, and the bytes of the first one that have arrived: a
 * block may lie in several files, and come with several answers.
 */
final class BlockQueue {
    private final Pieces pieces;
    private final Deque<Requested> blocks = new ArrayDeque<>();

    /** Bytes of the first block; null if none have arrived. */
    private @Nullable ByteBuf partial;

    private static final class Requested {
        final int piece;
        final int block;
        final long offset;
        final int length;
        boolean isCancelled;

        Requested(Pieces pieces, int piece, int block) {
            this.piece = piece;
            this.block = block;
            this.offset = pieces.offset(piece) + (long) block * Pieces.BLOCK;
            this.length = pieces.blockLength(piece, block);
        }

        long end() {
            return offset + length;
        }
    }

    /** Receives a complete block. */
    interface Sink {
        /** @param data belongs to the receiver, which must release it */
        void block(int piece, int block, ByteBuf data);
    }

    BlockQueue(Pieces pieces) {
        this.pieces = pieces;
    }

    boolean isEmpty() {
        return blocks.isEmpty();
    }

    void add(int piece, int block) {
        blocks.add(new Requested(pieces, piece, block));
    }

    /** Returns where the last block ends in the torrent; there must be one. */
    long end() {
        return blocks.getLast().end();
    }

    /** Returns where the next byte lies in the torrent; there must be a block. */
    long position() {
        return blocks.getFirst().offset + (partial == null ? 0 : partial.readableBytes());
    }

    /** Returns where the blocks end that follow the first one without a gap; there must be a block. */
    long contiguousEnd() {
        long end = blocks.getFirst().offset;
        for (Requested each : blocks) {
            if (each.offset != end) {
                break;
            }
            end = each.end();
        }
        return end;
    }

    /** Takes up to {@code most} of the next bytes, but no more than the first block needs. @return how many */
    int fill(ByteBuf bytes, long most, Sink sink) {
        Requested first = blocks.getFirst();
        ByteBuf into = partial(first);
        int count = (int) Math.min(Math.min(most, bytes.readableBytes()), first.length - into.readableBytes());
        into.writeBytes(bytes, count);
        passIfComplete(first, into, sink);
        return count;
    }

    /** Takes so many zeros. */
    void fillZeros(long length, Sink sink) {
        for (long left = length; left > 0; ) {
            Requested first = blocks.getFirst();
            ByteBuf into = partial(first);
            int count = (int) Math.min(left, first.length - into.readableBytes());
            into.writeZero(count);
            left -= count;
            passIfComplete(first, into, sink);
        }
    }

    private ByteBuf partial(Requested first) {
        ByteBuf begun = partial;
        if (begun == null) {
            begun = PooledByteBufAllocator.DEFAULT.buffer(first.length, first.length);
            partial = begun;
        }
        return begun;
    }

    private void passIfComplete(Requested first, ByteBuf into, Sink sink) {
        if (into.readableBytes() == first.length) {
            blocks.removeFirst();
            partial = null;
            sink.block(first.piece, first.block, into);
        }
    }

    /** Removes a block. */
    void remove(int piece, int block) {
        for (Iterator<Requested> each = blocks.iterator(); each.hasNext(); ) {
            Requested next = each.next();
            if (next.piece == piece && next.block == block) {
                if (next == blocks.peekFirst()) {
                    dropPartial();
                }
                each.remove();
                return;
            }
        }
    }

    /** Removes a block, or marks it if it begins before {@code end}: its bytes come anyway. @return whether it is marked */
    boolean cancel(int piece, int block, long end) {
        for (Requested each : blocks) {
            if (each.offset >= end || each.piece != piece || each.block != block) {
                continue;
            }
            each.isCancelled = true;
            return true;
        }
        remove(piece, block);
        return false;
    }

    /** Whether no block that begins before {@code end}, and follows the first one, is still wanted. */
    boolean isCancelledTo(long end) {
        for (Requested each : blocks) {
            if (each.offset >= end) {
                return true;
            }
            if (!each.isCancelled) {
                return false;
            }
        }
        return true;
    }

    /** Removes the blocks that {@link #isCancelledTo} has looked at. */
    void dropTo(long end) {
        while (!blocks.isEmpty() && blocks.getFirst().isCancelled && blocks.getFirst().offset < end) {
            dropPartial();
            blocks.removeFirst();
        }
    }

    void clear() {
        dropPartial();
        blocks.clear();
    }

    private void dropPartial() {
        if (partial != null) {
            partial.release();
            partial = null;
        }
    }
}
