package io.shoal.engine.verifying;

import io.netty.buffer.ByteBuf;
import io.shoal.bittorrent.PieceIndex;
import io.shoal.bittorrent.Sha1;
import io.shoal.bittorrent.metainfo.Info;
import io.shoal.bittorrent.metainfo.Pieces;
import io.shoal.engine.limits.Backlog;
import io.shoal.engine.store.Store;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.util.ArrayDeque;
import java.util.BitSet;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/**
 * Writes the blocks of one open piece and hashes them meanwhile.
 *
 * <p>Blocks are queued by the loop; at most one worker at a time drains them, so the digest and {@code written} need no
 * lock: they are passed from worker to worker through {@link #lock}. A block that arrives in order is hashed as it is
 * written; one that arrives early is read back when the gap before it is closed.
 */
final class PieceWriter implements Runnable {
    private final int piece;
    private final Info info;
    private final Store store;
    private final Backlog backlog;
    private final Listener listener;

    private final Object lock = new Object();
    private final Deque<Block> queue = new ArrayDeque<>(); // guarded by lock
    /**
     * True while a worker drains the queue, and after the result is reported until the loop has handled it, so that no
     * second worker starts. Guarded by lock.
     */
    private boolean running;

    private boolean dropped; // guarded by lock

    private final MessageDigest digest = Sha1.digest();
    private final BitSet written = new BitSet();
    private int hashed;

    private record Block(int block, ByteBuf data) {}

    /** Is notified on a worker's thread; exactly one call, once. */
    interface Listener {
        void hashed(PieceWriter writer, boolean matches);

        void storeFailed(PieceWriter writer, Throwable cause);

        /** The piece was dropped, and no worker uses it any more. */
        void stopped(PieceWriter writer);
    }

    PieceWriter(int piece, Info info, Store store, Backlog backlog, Listener listener) {
        this.piece = piece;
        this.info = info;
        this.store = store;
        this.backlog = backlog;
        this.listener = listener;
    }

    int piece() {
        return piece;
    }

    /** Queues a block, which it takes over. */
    void add(int block, ByteBuf data) {
        backlog.add(data.readableBytes());
        synchronized (lock) {
            queue.add(new Block(block, data));
        }
    }

    /** @return whether the caller must have a worker {@link #run} this */
    boolean start() {
        synchronized (lock) {
            if (running || queue.isEmpty()) {
                return false;
            }
            running = true;
            return true;
        }
    }

    /** Drops the piece. @return whether no worker uses it; otherwise {@link Listener#stopped} is called later */
    boolean drop() {
        synchronized (lock) {
            dropped = true;
            queue.forEach(this::release);
            queue.clear();
            return !running;
        }
    }

    @Override
    public void run() {
        try {
            for (Block block = next(); block != null; block = next()) {
                try {
                    write(block);
                } finally {
                    release(block);
                }
                if (hashed == info.pieces().blocks(piece)) {
                    listener.hashed(this, info.verifies(new PieceIndex(piece), digest.digest()));
                    return;
                }
            }
        } catch (Throwable e) { // whatever it is, the store's fault or ours, the piece must not wait for this worker
            drop();
            listener.storeFailed(this, e);
        }
    }

    /** Digests of each block, for {@link SmartBan}. Worker threads only. */
    long[] digests() throws IOException {
        Pieces pieces = info.pieces();
        long[] digests = new long[pieces.blocks(piece)];
        ByteBuffer buffer = ByteBuffer.allocate(Pieces.BLOCK);
        for (int block = 0; block < digests.length; block++) {
            readBack(block, buffer);
            digests[block] = SmartBan.digest(buffer);
        }
        return digests;
    }

    private @Nullable Block next() {
        boolean idle;
        synchronized (lock) {
            Block block = queue.poll();
            if (block != null) {
                return block;
            }
            running = false;
            idle = dropped;
        }
        if (idle) {
            listener.stopped(this);
        }
        return null;
    }

    private void write(Block block) throws IOException {
        ByteBuffer bytes = block.data.nioBuffer();
        store.write(piece, block.block * Pieces.BLOCK, bytes.duplicate());
        written.set(block.block);
        if (block.block == hashed) {
            digest.update(bytes);
            hashed++;
            catchUp();
        }
    }

    /** Hashes blocks that arrived early. */
    private void catchUp() throws IOException {
        if (!written.get(hashed)) {
            return;
        }
        ByteBuffer buffer = ByteBuffer.allocate(Pieces.BLOCK);
        for (; written.get(hashed); hashed++) {
            readBack(hashed, buffer);
            digest.update(buffer);
        }
    }

    private void readBack(int block, ByteBuffer into) throws IOException {
        into.clear().limit(info.pieces().blockLength(piece, block));
        store.readBack(piece, block * Pieces.BLOCK, into);
        into.flip();
    }

    private void release(Block block) {
        backlog.remove(block.data.readableBytes());
        block.data.release();
    }
}
