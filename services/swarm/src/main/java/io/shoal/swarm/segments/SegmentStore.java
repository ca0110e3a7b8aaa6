package io.shoal.swarm.segments;

import io.shoal.bittorrent.geometry.Geometry;
import io.shoal.contracts.objects.ObjectKeys;
import io.shoal.engine.PieceWish;
import io.shoal.engine.store.Store;
import io.shoal.swarm.slots.Slots;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.BitSet;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Keeps one torrent's bytes: verified pieces fill segments in slots, full segments are written to the store, and kept
 * pieces are served from where they are.
 *
 * <p>The states of a segment are: absent, open (in a slot), full, stored. An open segment may also be <em>spilled</em>:
 * its pieces are written to the store as they are, its slot is released, and they are loaded when the segment is open
 * again and lacks nothing else. A slot may be asked back ({@link Slots}): the segment then takes no new piece, and is spilled when the
 * open ones have ended. {@link OpenSegments} has the slots and the open pieces, {@link SegmentLifecycle} advances segments,
 * {@link SegmentReader} serves, {@link SegmentInventory} keeps the inventory.
 *
 * <p>Confined to the torrent's loop, from {@link #attach} on; {@link #write} and {@link #readBack} are for worker
 * threads, and the public methods that do not belong to {@link Store} switch to the loop by themselves.
 */
public final class SegmentStore implements Store {
    /** An open piece without a byte for this time is dropped if its slot is asked back. */
    private static final Duration STALLED = Duration.ofSeconds(60);

    private final WorkerStorage worker;
    private final Slots.Share share;
    private final OpenSegments openSegments;
    private final SegmentInventory inventory;
    private final LostPieces lostPieces;
    private final SegmentLifecycle lifecycle;
    private final SegmentReader segmentReader;
    private final List<String> obsoleteSpills;

    private final TorrentLoop loop = new TorrentLoop();
    private @Nullable Listener listener;
    private boolean closed;

    /**
     * @param files number of files of the torrent
     * @param owner with whose torrents it shares the owner's slots
     * @param found what the store has
     */
    public SegmentStore(
            Geometry geometry,
            int files,
            ObjectKeys keys,
            WorkerStorage worker,
            String owner,
            StoredContent found,
            SegmentWish wish,
            SegmentListener events) {
        this.worker = worker;
        this.obsoleteSpills = found.obsoleteSpills();
        this.share = worker.slots().share(owner, new Borrower());
        this.openSegments = new OpenSegments(geometry, share, loop, worker.nanoClock());
        this.inventory = new SegmentInventory(geometry, openSegments, found, wish);
        this.lostPieces = new LostPieces(inventory, events);
        this.lifecycle = new SegmentLifecycle(
                openSegments,
                inventory,
                lostPieces,
                callbacks -> new SegmentTransfers(geometry, keys, worker, loop, callbacks),
                share,
                events);
        SegmentObjects storedBytes = new SegmentObjects(worker.calls().store(), keys, geometry, files);
        this.segmentReader =
                new SegmentReader(geometry, worker, storedBytes, keys, loop, inventory, lostPieces, () -> closed);
    }

    private <T> CompletableFuture<T> onLoop(Supplier<T> question) {
        CompletableFuture<T> answer = new CompletableFuture<>();
        loop.execute(() -> answer.complete(question.get()));
        return answer;
    }

    // ---- For the engine

    @Override
    public void attach(Executor loop, Listener listener) {
        this.listener = listener;
        lostPieces.setListener(listener);
        this.loop.start(loop, () -> {
            lifecycle.delete(obsoleteSpills);
            lifecycle.reopenSpilledWhole();
        });
    }

    /** Notifies of the torrent's slots. */
    private final class Borrower implements Slots.Borrower {
        @Override
        public void offered() {
            loop.execute(() -> {
                try {
                    roomChanged();
                } finally {
                    loop.execute(share::endTry); // the engine tries in a task that waits on the loop now
                }
            });
        }

        @Override
        public void drain() {
            loop.execute(lifecycle::advanceAll);
        }
    }

    private void roomChanged() {
        Listener current = listener;
        if (current != null) {
            lifecycle.reopenSpilledWhole();
            current.roomChanged();
        }
    }

    @Override
    public BitSet held() {
        return inventory.held();
    }

    @Override
    public boolean open(int piece) {
        return openSegments.open(piece, inventory::needs);
    }

    @Override
    public boolean hasRoom(int piece) {
        return openSegments.hasRoom(piece, inventory::needs);
    }

    @Override
    public void write(int piece, int begin, ByteBuffer bytes) throws IOException {
        int length = bytes.remaining();
        PieceSlots opened = opened(piece);
        opened.write(worker.scratch(), begin, bytes);
        opened.progress.received(length, worker.nanoClock().getAsLong());
    }

    @Override
    public void readBack(int piece, int begin, ByteBuffer into) throws IOException {
        opened(piece).readBack(worker.scratch(), begin, into);
    }

    private PieceSlots opened(int piece) throws IOException {
        PieceSlots opened = openSegments.piece(piece);
        if (opened == null) {
            throw new IOException("piece " + piece + " is not open");
        }
        return opened;
    }

    @Override
    public boolean verified(int piece) {
        List<Integer> grown = openSegments.close(piece, true);
        inventory.pieceKept(piece, grown);
        grown.forEach(lifecycle::advance);
        if (inventory.wishOf(piece) > 0) {
            // More became wanted while the piece was open: a segment that lacks it has not kept it.
            BitSet again = new BitSet();
            again.set(piece);
            loop.execute(() -> lostPieces.notifyLost(again));
        }
        return inventory.isHeld(piece);
    }

    @Override
    public void discard(int piece) {
        openSegments.close(piece, false).forEach(lifecycle::advance);
    }

    @Override
    public void read(int piece, int begin, int length, Reader reader) {
        segmentReader.read(piece, begin, length, reader);
    }

    @Override
    public void close() {
        closed = true;
        listener = null;
        lostPieces.setListener(null);
        for (int piece : openSegments.openPieces()) {
            discard(piece);
        }
        share.close();
    }

    // ---- For the owner of the slice

    /** Returns the priority of each piece that must be downloaded: for the engine, before the store is attached. */
    public PieceWish wish() {
        return inventory.wish();
    }

    /** Changes what is wanted; returns what must be downloaded then. */
    public CompletableFuture<PieceWish> want(SegmentWish changed) {
        return onLoop(() -> {
            inventory.want(changed);
            lifecycle.advanceAll();
            lifecycle.reopenSpilledWhole();
            lostPieces.notifyLost(inventory.wantedAgain());
            Listener current = listener;
            if (current != null) {
                current.roomChanged(); // a complete torrent does not stand in line
            }
            return inventory.wish();
        });
    }

    /** Returns what must be downloaded at present. */
    public CompletableFuture<PieceWish> currentWish() {
        return onLoop(inventory::wish);
    }

    /** Returns where the pieces are at present, in at most so many buckets. A fault in it does not end the torrent. */
    public CompletableFuture<PieceMap> pieceMap(int buckets) {
        return CompletableFuture.supplyAsync(() -> inventory.pieceMap(buckets), loop);
    }

    /** Returns the bytes of the wanted segments that are not verified. Any thread. */
    public long left() {
        return inventory.left();
    }

    /** Whether the store delays segments. Any thread. */
    public boolean isDelayed() {
        return lifecycle.isDelayed();
    }

    /** Whether it waits for a slot that other torrents hold. Any thread. */
    public boolean isWaitingForSlot() {
        return share.isWaiting();
    }

    /** Drops open pieces that keep slots which are asked back; must be called every few seconds. */
    public void tick() {
        if (share.isAsked()) {
            loop.execute(this::dropDelayingPieces);
        }
    }

    /** Drops open pieces that would keep slots from other torrents. */
    private void dropDelayingPieces() {
        BitSet delaying = openSegments.delayingDrain(STALLED.toNanos());
        Listener current = listener;
        if (current != null && !delaying.isEmpty()) {
            current.roomNeeded(delaying);
        }
    }

    /** Spills all segments that no open piece uses: the torrent is paused. */
    public void spillAll() {
        loop.execute(lifecycle::spillIdle);
    }

    /**
     * After {@link #close}: stores full segments, spills the rest, and completes when the store has acknowledged all.
     * Slots are released when their last user is done.
     */
    public CompletableFuture<Void> handOver() {
        CompletableFuture<Void> done = new CompletableFuture<>();
        if (!loop.isStarted()) {
            done.complete(null);
        } else {
            loop.execute(() -> lifecycle.handOver(done));
        }
        return done;
    }

    /** After {@link #close}: gives up the pieces in slots; nothing more is written. */
    public void abandon() {
        loop.execute(lifecycle::abandon);
    }
}
