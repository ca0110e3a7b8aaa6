package io.shoal.swarm.segments;

import io.shoal.bittorrent.geometry.Geometry;
import io.shoal.contracts.objects.ObjectKeys;
import io.shoal.engine.PieceWish;
import io.shoal.engine.store.Store;
import io.shoal.swarm.scratch.Slots;
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
 * Keeps one torrent's bytes: verified pieces fill up segments in slots, full segments go to the store, and what is kept is
 * served from where it lies.
 *
 * <p>A segment goes: nowhere, begun (in a slot), full, stored. A begun one may also be <em>spilled</em>: its pieces lie in the
 * store as they are, its slot is free, and they come back when it begins again. {@link OpenSegments} has the slots and the open
 * pieces, {@link SegmentLifecycle} moves segments on, {@link SegmentReader} serves, {@link SegmentInventory} keeps the books of it all.
 *
 * <p>Confined to the torrent's loop, from {@link #attach} on; {@link #write} and {@link #readBack} are for worker threads, and
 * the public methods that are not of {@link Store} hop to the loop by themselves.
 */
public final class SegmentStore implements Store {
    /** A segment that has not grown for so long goes when slots are scarce. */
    private static final Duration IDLE = Duration.ofSeconds(60);

    private final WorkerStorage worker;
    private final Slots.Share share;
    private final OpenSegments filling;
    private final SegmentInventory holdings;
    private final LostPieces losses;
    private final SegmentLifecycle settling;
    private final SegmentReader reading;
    private final List<String> needlessSpills;

    private final TorrentLoop loop = new TorrentLoop();
    private @Nullable Listener listener;
    private boolean closed;

    /**
     * @param files number of files of the torrent
     * @param found what the store has
     */
    public SegmentStore(
            Geometry geometry,
            int files,
            ObjectKeys keys,
            WorkerStorage worker,
            StoredContent found,
            SegmentWish wish,
            SegmentListener events) {
        this.worker = worker;
        this.needlessSpills = found.needless();
        this.share = worker.slots().share(() -> loop.execute(this::roomChanged));
        this.filling = new OpenSegments(geometry, share, loop, worker.nanoClock());
        this.holdings = new SegmentInventory(geometry, filling, found, wish);
        this.losses = new LostPieces(holdings, events);
        this.settling = new SegmentLifecycle(
                filling,
                holdings,
                losses,
                heard -> new SegmentTransfers(geometry, keys, worker, loop, heard),
                share,
                events);
        SegmentObjects storedBytes = new SegmentObjects(worker.calls().store(), keys, geometry, files);
        this.reading = new SegmentReader(geometry, worker, storedBytes, keys, loop, holdings, losses, () -> closed);
    }

    private <T> CompletableFuture<T> call(Supplier<T> question) {
        CompletableFuture<T> answer = new CompletableFuture<>();
        loop.execute(() -> answer.complete(question.get()));
        return answer;
    }

    // ---- As the engine uses it

    @Override
    public void attach(Executor loop, Listener listener) {
        this.listener = listener;
        losses.tellTo(listener);
        this.loop.begin(loop, () -> {
            settling.delete(needlessSpills);
            settling.bringBackWhatIsWhole();
        });
    }

    private void roomChanged() {
        Listener told = listener;
        if (told != null) {
            settling.bringBackWhatIsWhole();
            told.roomChanged();
        }
    }

    @Override
    public BitSet held() {
        return holdings.held();
    }

    @Override
    public boolean open(int piece) {
        List<Integer> fresh = filling.open(piece, holdings::keeps);
        if (fresh == null) {
            return false;
        }
        fresh.forEach(settling::load);
        return true;
    }

    @Override
    public boolean hasRoom(int piece) {
        return filling.needs(piece, holdings::keeps) == 0;
    }

    @Override
    public void write(int piece, int begin, ByteBuffer bytes) throws IOException {
        opened(piece).write(worker.scratch(), begin, bytes);
    }

    @Override
    public void readBack(int piece, int begin, ByteBuffer into) throws IOException {
        opened(piece).readBack(worker.scratch(), begin, into);
    }

    private PieceSlots opened(int piece) throws IOException {
        PieceSlots opened = filling.piece(piece);
        if (opened == null) {
            throw new IOException("piece " + piece + " is not open");
        }
        return opened;
    }

    @Override
    public boolean verified(int piece) {
        List<Integer> grown = filling.close(piece, true);
        holdings.gained(piece);
        grown.forEach(settling::settle);
        if (holdings.wishOf(piece) > 0) {
            // More was wanted while it was open: a segment that misses it did not keep it.
            BitSet again = new BitSet();
            again.set(piece);
            loop.execute(() -> losses.tell(again));
        }
        return holdings.isHeld(piece);
    }

    @Override
    public void discard(int piece) {
        filling.close(piece, false).forEach(settling::settle);
    }

    @Override
    public void read(int piece, int begin, int length, Reader reader) {
        reading.read(piece, begin, length, reader);
    }

    @Override
    public void close() {
        closed = true;
        listener = null;
        losses.tellTo(null);
        for (int piece : filling.openPieces()) {
            discard(piece);
        }
        share.content();
    }

    // ---- As the slice's owner uses it

    /** How much each piece is wanted of the swarm now: for the engine, before the store is attached. */
    public PieceWish wish() {
        return holdings.wish();
    }

    /** Changes what is wanted; the answer is what is wanted of the swarm then. */
    public CompletableFuture<PieceWish> want(SegmentWish changed) {
        return call(() -> {
            holdings.want(changed);
            settling.settleAll();
            settling.bringBackWhatIsWhole();
            losses.tell(holdings.wantedAgain());
            return holdings.wish();
        });
    }

    /** What is wanted of the swarm, as things are now. */
    public CompletableFuture<PieceWish> currentWish() {
        return call(holdings::wish);
    }

    /** Whether the store keeps segments waiting. Any thread. */
    public boolean isDelayed() {
        return settling.isDelayed();
    }

    /** Spills what has not grown for a minute, if slots are scarce; to be called every few seconds. */
    public void tidy() {
        loop.execute(() -> {
            if (worker.slots().scarce()) {
                long now = worker.nanoClock().getAsLong();
                settling.spillIdle(begun -> now - begun.grownAt >= IDLE.toNanos());
            }
        });
    }

    /** Spills all that no open piece needs in its slot: the torrent is paused. */
    public void rest() {
        loop.execute(() -> settling.spillIdle(begun -> true));
    }

    /**
     * After {@link #close}: stores what is full, spills the rest, and completes when the store has acknowledged all. Slots are
     * free when their last user is done.
     */
    public CompletableFuture<Void> handOver() {
        CompletableFuture<Void> done = new CompletableFuture<>();
        if (!loop.hasBegun()) {
            done.complete(null);
        } else {
            loop.execute(() -> settling.handOver(done));
        }
        return done;
    }

    /** After {@link #close}: what is in slots is given up, nothing more is written. */
    public void abandon() {
        loop.execute(settling::abandon);
    }
}
