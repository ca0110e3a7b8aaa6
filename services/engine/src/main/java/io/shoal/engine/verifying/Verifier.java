package io.shoal.engine.verifying;

import io.netty.buffer.ByteBuf;
import io.shoal.bittorrent.metainfo.Info;
import io.shoal.engine.limits.Backlog;
import io.shoal.engine.net.Loop;
import io.shoal.engine.store.Store;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * Moves blocks from the loop to the store, and verifies complete pieces: workers write and hash blocks
 * ({@link PieceWriter}); the result returns to the loop, where {@link SmartBan} finds the peers that lied. A failing
 * store is distinguished from a wrong piece: no peer is held responsible for it.
 *
 * <p>Confined to the torrent's loop, except for the work of workers.
 */
public final class Verifier {
    private final Info info;
    private final Store store;
    private final Loop loop;
    private final Executor workers;
    private final Backlog backlog;
    private final SmartBan ban;
    private final Listener listener;
    private final Map<Integer, PieceWriter> writers = new HashMap<>();
    private final List<PieceWriter> pending = new ArrayList<>();
    private final PieceWriter.Listener workerListener = new WorkerListener();
    private final BitSet dropping = new BitSet();
    private @Nullable Runnable whenIdle;

    /** Is notified of the results of pieces, on the loop. Their room in the store is released or kept by then. */
    public interface Listener {
        /**
         * The piece is verified and in the store.
         *
         * @param served whether it can be served to others
         * @param liars those that sent wrong blocks of it before, and are banned now
         */
        void pieceVerified(int piece, boolean served, Set<Sender> liars);

        /** The piece failed its hash. */
        void pieceFailed(int piece, Set<Sender> liars);

        /** The store did not keep it. */
        void storeFailed(int piece, Throwable cause);

        /** A piece that was dropped while a worker used it may be opened again. */
        void pieceDropped(int piece);
    }

    public Verifier(
            Info info, Store store, Loop loop, Executor workers, Backlog backlog, SmartBan ban, Listener listener) {
        this.info = info;
        this.store = store;
        this.loop = loop;
        this.workers = workers;
        this.backlog = backlog;
        this.ban = ban;
        this.listener = listener;
    }

    /** Takes over a new block of an open piece; it is written after {@link #flush}. */
    public void add(int piece, int block, ByteBuf data, Sender from) {
        ban.received(piece, info.pieces().blocks(piece), block, from);
        PieceWriter writer =
                writers.computeIfAbsent(piece, p -> new PieceWriter(p, info, store, backlog, workerListener));
        writer.add(block, data);
        if (pending.isEmpty() || pending.getLast() != writer) {
            pending.add(writer);
        }
    }

    /** Starts writing the queued blocks, once per batch: each hand-off costs a thread wake-up. */
    public void flush() {
        for (PieceWriter writer : pending) {
            if (writer.start()) {
                workers.execute(writer);
            }
        }
        pending.clear();
    }

    /** Drops an open piece; its room is released as soon as no worker uses it. */
    public void drop(int piece) {
        ban.dropped(piece);
        PieceWriter writer = writers.remove(piece);
        if (writer == null || writer.drop()) {
            store.discard(piece);
        } else {
            dropping.set(piece);
        }
    }

    /** Whether {@code piece} was dropped and a worker still uses it: it must not be opened again yet. */
    public boolean isDropping(int piece) {
        return dropping.get(piece);
    }

    /** Drops all pieces. {@code then} runs when no worker uses the store any more. */
    public void close(Runnable then) {
        for (int piece : List.copyOf(writers.keySet())) {
            drop(piece);
        }
        whenIdle = then;
        checkIdle();
    }

    private void checkIdle() {
        Runnable then = whenIdle;
        if (dropping.isEmpty() && then != null) {
            whenIdle = null;
            then.run();
        }
    }

    /**
     * Whether {@code writer} is still the writer of its piece: the piece may have been dropped before its result
     * arrived.
     */
    private boolean isCurrent(PieceWriter writer) {
        return writers.get(writer.piece()) == writer;
    }

    private void discardDropped(int piece) {
        dropping.clear(piece);
        store.discard(piece);
        listener.pieceDropped(piece);
        checkIdle();
    }

    private void hashed(PieceWriter writer, boolean matches) {
        if (!ban.needsDigests(writer.piece(), matches)) {
            finish(writer, matches, new long[0]);
            return;
        }
        workers.execute(() -> {
            try {
                long[] digests = writer.digests();
                loop.execute(() -> {
                    if (isCurrent(writer)) {
                        finish(writer, matches, digests);
                    } else {
                        discardDropped(writer.piece());
                    }
                });
            } catch (Throwable e) { // as when writing
                workerListener.storeFailed(writer, e);
            }
        });
    }

    private void finish(PieceWriter writer, boolean matches, long[] digests) {
        int piece = writer.piece();
        writers.remove(piece);
        if (matches) {
            Set<Sender> liars = ban.verified(piece, digests);
            listener.pieceVerified(piece, store.verified(piece), liars);
        } else {
            Set<Sender> liars = ban.failed(piece, digests);
            store.discard(piece);
            listener.pieceFailed(piece, liars);
        }
    }

    private final class WorkerListener implements PieceWriter.Listener {
        @Override
        public void hashed(PieceWriter writer, boolean matches) {
            loop.execute(() -> {
                if (isCurrent(writer)) {
                    Verifier.this.hashed(writer, matches);
                } else {
                    discardDropped(writer.piece());
                }
            });
        }

        @Override
        public void storeFailed(PieceWriter writer, Throwable cause) {
            loop.execute(() -> {
                if (isCurrent(writer)) {
                    writers.remove(writer.piece());
                    ban.dropped(writer.piece());
                    store.discard(writer.piece());
                    listener.storeFailed(writer.piece(), cause);
                } else {
                    discardDropped(writer.piece());
                }
            });
        }

        @Override
        public void stopped(PieceWriter writer) {
            loop.execute(() -> discardDropped(writer.piece()));
        }
    }
}
