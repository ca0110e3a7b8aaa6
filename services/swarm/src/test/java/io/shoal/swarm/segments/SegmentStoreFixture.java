package io.shoal.swarm.segments;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.shoal.contracts.records.Wanted;
import io.shoal.engine.store.Store;
import io.shoal.objectstore.AsyncObjectStore;
import io.shoal.swarm.scratch.Scratch;
import io.shoal.swarm.slots.Slots;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A worker's storage over a given store, with a loop, and segment stores on it that are used as the engine uses them.
 */
final class SegmentStoreFixture implements AutoCloseable {
    final Scratch scratch;
    final Slots slots;
    final CallsFixture calls;
    final ExtentCache extents;
    final AtomicLong nanos = new AtomicLong();
    final WorkerStorage worker;
    private final ExecutorService loop = Executors.newSingleThreadExecutor();
    private final ExecutorService disk = Executors.newSingleThreadExecutor();

    SegmentStoreFixture(Path folder, AsyncObjectStore store, int slots) throws IOException {
        this.scratch = Scratch.open(folder.resolve("scratch"), (long) Scratch.SLOTS_MIN * Scratch.SLOT_BYTES);
        this.slots = new Slots(slots, nanos::get);
        this.calls = new CallsFixture(store, new StoreCalls.Backoff(Duration.ofMillis(2), Duration.ofMillis(20)));
        this.extents = new ExtentCache(4L << 20, calls.calls);
        this.worker = new WorkerStorage(scratch, this.slots, calls.calls, extents, disk, nanos::get, UUID::randomUUID);
    }

    <T> T onLoop(Callable<T> task) {
        try {
            return loop.submit(task).get(30, TimeUnit.SECONDS);
        } catch (InterruptedException | ExecutionException | TimeoutException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Runs {@code task} after all that waits on the loop now. */
    Future<?> later(Runnable task) {
        return loop.submit(task);
    }

    Opened open(RandomTorrent content, Wanted wanted) {
        Opened opened = new Opened(content, wanted);
        opened.attach();
        return opened;
    }

    @Override
    public void close() throws IOException {
        loop.shutdown();
        calls.close();
        disk.shutdown();
        extents.close();
        scratch.close();
    }

    /** One torrent's store, and its notifications. */
    final class Opened implements SegmentListener, Store.Listener {
        final RandomTorrent content;
        final SegmentStore store;
        final List<Integer> stored = new CopyOnWriteArrayList<>();
        final BitSet lost = new BitSet();

        /** Pieces whose room was asked for. */
        final Set<Integer> delaying = ConcurrentHashMap.newKeySet();

        Opened(RandomTorrent content, Wanted wanted) {
            this.content = content;
            StoredContent found = StoredContent.list(worker.calls(), content.keys, content.geometry)
                    .orTimeout(30, TimeUnit.SECONDS)
                    .join();
            this.store = new SegmentStore(
                    content.geometry,
                    content.info.files().size(),
                    content.keys,
                    worker,
                    "owner",
                    found,
                    wish(wanted),
                    this);
        }

        void attach() {
            onLoop(() -> {
                store.attach(loop, this);
                return true;
            });
        }

        SegmentWish wish(Wanted wanted) {
            return SegmentWish.of(
                    content.geometry,
                    content.info.files().size(),
                    wanted,
                    0,
                    content.geometry.segments().size() - 1);
        }

        boolean open(int piece) {
            return onLoop(() -> store.open(piece));
        }

        boolean verified(int piece) {
            return onLoop(() -> store.verified(piece));
        }

        BitSet held() {
            return onLoop(store::held);
        }

        /** Pieces that are wanted of the swarm now. */
        List<Integer> wanted() {
            var wish = store.currentWish().join();
            List<Integer> pieces = new ArrayList<>();
            for (int piece = 0; piece < content.geometry.pieces().count(); piece++) {
                if (wish.of(piece) > 0) {
                    pieces.add(piece);
                }
            }
            return pieces;
        }

        /** Opens a piece, writes it block by block, and says that it is right; false if there is no room. */
        boolean download(int piece) throws IOException {
            if (!open(piece)) {
                return false;
            }
            write(piece, content.piece(piece));
            verified(piece);
            return true;
        }

        void write(int piece, byte[] bytes) throws IOException {
            for (int begin = 0; begin < bytes.length; begin += 16 << 10) {
                store.write(piece, begin, ByteBuffer.wrap(bytes, begin, Math.min(16 << 10, bytes.length - begin)));
            }
        }

        /** A block, as a peer would get it. */
        CompletableFuture<byte[]> read(int piece, int begin, int length) {
            CompletableFuture<byte[]> read = new CompletableFuture<>();
            loop.execute(() -> store.read(piece, begin, length, new Store.Reader() {
                @Override
                public void done(ByteBuf bytes) {
                    read.complete(ByteBufUtil.getBytes(bytes));
                    bytes.release();
                }

                @Override
                public void failed(Throwable cause) {
                    read.completeExceptionally(cause);
                }
            }));
            return read;
        }

        /** Closes it and hands over, within a bound. */
        void handOver() {
            CompletableFuture<Void> done = closed().handOver();
            done.orTimeout(30, TimeUnit.SECONDS).join();
        }

        SegmentStore closed() {
            onLoop(() -> {
                store.close();
                return true;
            });
            return store;
        }

        @Override
        public void stored(int segment) {
            stored.add(segment);
        }

        @Override
        public void lost() {}

        @Override
        public void roomChanged() {}

        @Override
        public void roomNeeded(BitSet pieces) {
            pieces.stream().forEach(delaying::add);
        }

        @Override
        public void lost(BitSet pieces) {
            synchronized (lost) {
                lost.or(pieces);
            }
        }

        BitSet lostPieces() {
            synchronized (lost) {
                return (BitSet) lost.clone();
            }
        }
    }
}
