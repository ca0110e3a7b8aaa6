package io.shoal.swarm.segments;

import io.shoal.bittorrent.SegmentIndex;
import io.shoal.bittorrent.geometry.Geometry;
import io.shoal.bittorrent.geometry.PieceRange;
import io.shoal.bittorrent.geometry.SegmentRange;
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
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps one torrent's bytes: verified pieces fill up segments in slots, full segments go to the store, and what is kept is
 * served from where it lies.
 *
 * <p>A segment goes: nowhere, begun (in a slot), full, stored. A begun one may also be <em>spilled</em>: its pieces lie in the
 * store as they are, its slot is free, and they come back when it begins again. Invariants: a piece is <em>held</em> when each
 * of its segments has it, in a slot, a spill or the store; a segment is stored only when the store has acknowledged it; its
 * slot is given back only then.
 *
 * <p>Confined to the torrent's loop, from {@link #attach} on; {@link #write} and {@link #readBack} are for worker threads, and
 * the public methods that return futures hop to the loop by themselves.
 */
public final class SegmentStore implements Store {
    private static final Logger LOG = LoggerFactory.getLogger(SegmentStore.class);

    /** A segment that has not grown for so long goes when slots are scarce. */
    private static final Duration IDLE = Duration.ofSeconds(60);

    private final Geometry geometry;
    private final WorkerStorage worker;
    private final SegmentEvents events;
    private final Slots.Share share;
    private final Filling filling;
    private final Departure departure;
    private final KeptSpills spills;
    private final Reading reading;
    private final BitSet stored;
    private final BitSet held = new BitSet();
    private final List<String> needlessSpills;

    private SegmentWish wish;
    private volatile @Nullable Executor loop;
    private @Nullable Listener listener;
    private boolean closed;
    private @Nullable CompletableFuture<Void> handedOver;

    /**
     * @param files number of files of the torrent
     * @param found what the store has
     */
    public SegmentStore(
            Geometry geometry,
            int files,
            ObjectKeys keys,
            WorkerStorage worker,
            Inventory found,
            SegmentWish wish,
            SegmentEvents events) {
        this.geometry = geometry;
        this.worker = worker;
        this.events = events;
        this.wish = wish;
        this.stored = found.stored();
        this.needlessSpills = found.needless();
        this.share = worker.slots().share(() -> onLoop(this::roomChanged));
        this.filling = new Filling(geometry, share, this::onLoop, worker.nanoClock());
        this.spills = new KeptSpills(geometry, found.spills());
        this.departure = new Departure(geometry, keys, worker, this::onLoop, new Arrivals());
        this.reading = new Reading(
                geometry,
                worker,
                new StoredBytes(worker.calls().store(), keys, geometry, files),
                keys,
                this::onLoop,
                new Sources());
        for (int piece = 0; piece < geometry.pieces().count(); piece++) {
            held.set(piece, isHeld(piece));
        }
    }

    private void onLoop(Runnable task) {
        Executor executor = loop;
        if (executor != null) {
            executor.execute(task);
        }
    }

    @Override
    public void attach(Executor loop, Listener listener) {
        this.listener = listener;
        this.loop = loop;
        onLoop(() -> {
            departure.delete(needlessSpills);
            bringBackWhatIsWhole();
        });
    }

    @Override
    public BitSet held() {
        return (BitSet) held.clone();
    }

    @Override
    public boolean open(int piece) {
        List<Integer> fresh = filling.open(piece, this::keeps);
        if (fresh == null) {
            return false;
        }
        fresh.forEach(this::load);
        return true;
    }

    @Override
    public boolean hasRoom(int piece) {
        return filling.needs(piece, this::keeps) == 0;
    }

    @Override
    public void write(int piece, int begin, ByteBuffer bytes) throws IOException {
        opened(piece).write(worker.scratch(), begin, bytes);
    }

    @Override
    public void readBack(int piece, int begin, ByteBuffer into) throws IOException {
        opened(piece).readBack(worker.scratch(), begin, into);
    }

    private OpenPiece opened(int piece) throws IOException {
        OpenPiece opened = filling.piece(piece);
        if (opened == null) {
            throw new IOException("piece " + piece + " is not open");
        }
        return opened;
    }

    @Override
    public boolean verified(int piece) {
        List<Integer> grown = filling.close(piece, true);
        held.set(piece, isHeld(piece));
        for (int segment : grown) {
            settle(segment);
        }
        if (wishOf(piece) > 0) {
            // More was wanted while it was open: a segment that misses it did not keep it.
            BitSet again = new BitSet();
            again.set(piece);
            onLoop(() -> tellLost(again));
        }
        return held.get(piece);
    }

    @Override
    public void discard(int piece) {
        for (int segment : filling.close(piece, false)) {
            settle(segment);
        }
    }

    @Override
    public void read(int piece, int begin, int length, Reader reader) {
        reading.read(piece, begin, length, reader);
    }

    @Override
    public void close() {
        closed = true;
        listener = null;
        for (int piece : filling.openPieces()) {
            discard(piece);
        }
        share.content();
    }

    /** How much each piece is wanted of the swarm now: for the engine, before the store is attached. */
    public PieceWish wish() {
        byte[] wishes = new byte[geometry.pieces().count()];
        for (int piece = 0; piece < wishes.length; piece++) {
            wishes[piece] = (byte) wishOf(piece);
        }
        return piece -> wishes[piece];
    }

    /** Changes what is wanted; the answer is what is wanted of the swarm then. */
    public CompletableFuture<PieceWish> want(SegmentWish changed) {
        return call(() -> {
            wish = changed;
            filling.begun().forEach(this::settle);
            BitSet partly = new BitSet();
            for (int piece = 0; piece < geometry.pieces().count(); piece++) {
                if (!held.get(piece) && wishOf(piece) > 0 && isKeptInPart(piece)) {
                    partly.set(piece);
                }
            }
            tellLost(partly);
            return wish();
        });
    }

    /** What is wanted of the swarm, as things are now. */
    public CompletableFuture<PieceWish> currentWish() {
        return call(this::wish);
    }

    /** Whether the store keeps segments waiting. Any thread. */
    public boolean isDelayed() {
        return departure.isDelayed();
    }

    /** Spills what has not grown for a minute, if slots are scarce; to be called every few seconds. */
    public void tidy() {
        onLoop(() -> {
            if (!worker.slots().scarce()) {
                return;
            }
            long now = worker.nanoClock().getAsLong();
            for (int segment : filling.begun()) {
                Begun begun = filling.begun(segment);
                if (begun != null && begun.isIdle() && now - begun.grownAt >= IDLE.toNanos()) {
                    spill(segment, begun);
                }
            }
        });
    }

    /** Spills all that no open piece needs in its slot: the torrent is paused. */
    public void rest() {
        onLoop(() -> {
            for (int segment : filling.begun()) {
                Begun begun = filling.begun(segment);
                if (begun != null && begun.isIdle()) {
                    spill(segment, begun);
                }
            }
        });
    }

    /**
     * After {@link #close}: stores what is full, spills the rest, and completes when the store has acknowledged all. Slots are
     * free when their last user is done.
     */
    public CompletableFuture<Void> handOver() {
        CompletableFuture<Void> done = new CompletableFuture<>();
        if (loop == null) {
            done.complete(null);
            return done;
        }
        onLoop(() -> {
            handedOver = done;
            filling.begun().forEach(this::settle);
            completeHandOver();
        });
        return done;
    }

    /** After {@link #close}: what is in slots is given up, nothing more is written. */
    public void abandon() {
        onLoop(() -> {
            departure.cancel();
            filling.begun().forEach(filling::end);
            completeHandOver();
        });
    }

    private <T> CompletableFuture<T> call(Supplier<T> question) {
        CompletableFuture<T> answer = new CompletableFuture<>();
        onLoop(() -> answer.complete(question.get()));
        return answer;
    }

    // What is kept and what is wanted.

    /** Whether {@code segment} is to have {@code piece} and has not. */
    private boolean keeps(int segment, int piece) {
        return wish.wants(segment) && !has(segment, piece);
    }

    private boolean has(int segment, int piece) {
        if (stored.get(segment)) {
            return true;
        }
        Begun begun = filling.begun(segment);
        return (begun != null && begun.verified.get(piece)) || spills.find(segment, piece) != null;
    }

    private boolean isHeld(int piece) {
        SegmentRange range = geometry.segmentsOfPiece(piece);
        for (int segment = range.from(); segment < range.to(); segment++) {
            if (!has(segment, piece)) {
                return false;
            }
        }
        return true;
    }

    private boolean isKeptInPart(int piece) {
        SegmentRange range = geometry.segmentsOfPiece(piece);
        for (int segment = range.from(); segment < range.to(); segment++) {
            if (has(segment, piece)) {
                return true;
            }
        }
        return false;
    }

    private int wishOf(int piece) {
        SegmentRange range = geometry.segmentsOfPiece(piece);
        int most = 0;
        for (int segment = range.from(); segment < range.to(); segment++) {
            if (wish.of(segment) > most && !has(segment, piece)) {
                most = wish.of(segment);
            }
        }
        return most;
    }

    private BitSet piecesOf(int segment) {
        PieceRange range = geometry.piecesOf(new SegmentIndex(segment));
        BitSet pieces = new BitSet();
        pieces.set(range.from(), range.to());
        return pieces;
    }

    /** Pieces of {@code changed} that were held and are not any more. */
    private void recount(BitSet changed) {
        BitSet gone = new BitSet();
        changed.stream().filter(piece -> held.get(piece) && !isHeld(piece)).forEach(gone::set);
        held.andNot(gone);
        tellLost(gone);
    }

    private void tellLost(BitSet pieces) {
        if (!pieces.isEmpty() && listener != null) {
            listener.lost(pieces);
            events.lost();
        }
    }

    // A segment's life.

    /** Moves a begun segment on, if it is time. */
    private void settle(int segment) {
        Begun begun = filling.begun(segment);
        if (begun == null || begun.open > 0 || begun.leaving) {
            return;
        }
        if (!wish.wants(segment)) {
            if (begun.loading == 0) {
                filling.end(segment);
                recount(piecesOf(segment));
                completeHandOver();
            }
        } else if (begun.isFull()) {
            begun.leaving = true;
            departure.store(segment, begun.slot);
        } else if (handedOver != null && begun.loading == 0) {
            spill(segment, begun);
        }
    }

    private void spill(int segment, Begun begun) {
        BitSet fresh = (BitSet) begun.verified.clone();
        fresh.andNot(spills.pieces(segment));
        if (fresh.isEmpty()) {
            filling.end(segment);
            completeHandOver();
            return;
        }
        begun.leaving = true;
        departure.spill(segment, fresh, begun.slot);
    }

    private void load(int segment) {
        Begun begun = filling.begun(segment);
        if (begun != null) {
            for (KeptSpills.Kept spill : spills.of(segment)) {
                begun.loading++;
                departure.load(segment, spill, begun.slot);
            }
        }
    }

    private void roomChanged() {
        if (!closed && listener != null) {
            bringBackWhatIsWhole();
            listener.roomChanged();
        }
    }

    /** Segments that spills have whole: no piece of them will be opened, so nothing else would bring them on. */
    private void bringBackWhatIsWhole() {
        for (int segment : spills.segments()) {
            boolean whole = spills.pieces(segment).equals(piecesOf(segment));
            if (whole && wish.wants(segment) && filling.begun(segment) == null && filling.begin(segment) != null) {
                load(segment);
            }
        }
    }

    private void completeHandOver() {
        if (handedOver != null && filling.begun().isEmpty()) {
            handedOver.complete(null);
        }
    }

    /** Hears from the store what became of segments. */
    private final class Arrivals implements Departure.Heard {
        @Override
        public void stored(int segment) {
            stored.set(segment);
            filling.end(segment);
            departure.delete(spills.removeAll(segment));
            if (wish.isMetBy(stored)) {
                share.content();
            }
            events.stored(segment);
            completeHandOver();
        }

        @Override
        public void spilled(int segment, String key, Spill spill) {
            spills.add(key, spill);
            Begun begun = filling.begun(segment);
            if (begun != null) {
                begun.leaving = false;
                BitSet since = (BitSet) begun.verified.clone();
                since.andNot(spills.pieces(segment));
                if (begun.isIdle() && since.isEmpty()) {
                    filling.end(segment);
                    completeHandOver();
                } else {
                    settle(segment);
                }
            }
        }

        @Override
        public void loaded(int segment, KeptSpills.Kept spill) {
            Begun begun = filling.begun(segment);
            if (begun != null) {
                begun.loading--;
                begun.verified.or(spill.spill().pieces());
                settle(segment);
            }
        }

        @Override
        public void spillGone(int segment, KeptSpills.Kept spill, Exception cause) {
            LOG.warn("A spill is lost, its pieces are downloaded again: {}", spill.key(), cause);
            spills.remove(spill);
            Begun begun = filling.begun(segment);
            if (begun != null) {
                begun.loading--;
                settle(segment);
            }
            recount(spill.spill().pieces());
        }

        @Override
        public void slotFailed(int segment, Exception cause) {
            LOG.error("The scratch file does not give back segment {}, which is downloaded again", segment, cause);
            filling.end(segment);
            recount(piecesOf(segment));
            completeHandOver();
        }
    }

    /** Tells the reading side where pieces are. */
    private final class Sources implements Reading.Sources {
        @Override
        public boolean closed() {
            return closed;
        }

        @Override
        public boolean held(int piece) {
            return held.get(piece);
        }

        @Override
        public boolean stored(int segment) {
            return stored.get(segment);
        }

        @Override
        public @Nullable SlotUse slot(int segment, int piece) {
            Begun begun = filling.begun(segment);
            return begun != null && begun.verified.get(piece) ? begun.slot : null;
        }

        @Override
        public KeptSpills.@Nullable Kept spill(int segment, int piece) {
            return spills.find(segment, piece);
        }

        @Override
        public void segmentGone(int segment) {
            if (stored.get(segment)) {
                LOG.warn("Segment {} is not in the store any more", segment);
                stored.clear(segment);
                recount(piecesOf(segment));
            }
        }

        @Override
        public void spillGone(KeptSpills.Kept spill, Exception cause) {
            if (spills.contains(spill)) {
                LOG.warn("A spill is lost: {}", spill.key(), cause);
                spills.remove(spill);
                recount(spill.spill().pieces());
            }
        }
    }
}
