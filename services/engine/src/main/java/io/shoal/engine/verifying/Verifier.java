package io.shoal.engine.verifying;

import io.netty.buffer.ByteBuf;
import io.shoal.bittorrent.metainfo.Info;
import io.shoal.engine.limits.Backlog;
import io.shoal.engine.net.Loop;
import io.shoal.engine.store.Store;
import java.io.IOException;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * A block's way from the loop to the store, and a piece's to its verdict: blocks are written and hashed by workers
 * ({@link PieceWriter}); the verdict comes back to the loop, where {@link SmartBan} says who lied. A store that fails is
 * told apart from a piece that is wrong: nobody is blamed for it.
 *
 * <p>Confined to the torrent's loop, but for what workers do.
 */
public final class Verifier {
    private final Info info;
    private final Store store;
    private final Loop loop;
    private final Executor workers;
    private final Backlog backlog;
    private final SmartBan ban;
    private final Listener verdicts;
    private final Map<Integer, PieceWriter> writers = new HashMap<>();
    private final List<PieceWriter> touched = new ArrayList<>();
    private final PieceWriter.Listener outcome = new WorkerListener();
    private final BitSet dropping = new BitSet();
    private @Nullable Runnable whenIdle;

    /** Hears what became of pieces, on the loop. Their room in the store is given back or kept by then. */
    public interface Listener {
        /**
         * The piece is right, and in the store.
         *
         * @param served whether it can be served to others
         * @param liars who gave something else for it before, and is banned now
         */
        void right(int piece, boolean served, Set<InetAddress> liars);

        /** The piece is wrong. */
        void wrong(int piece, Set<InetAddress> liars);

        /** The store did not keep it. */
        void storeFailed(int piece, Throwable cause);

        /** A piece that was dropped while a worker was at it may be opened again. */
        void dropped(int piece);
    }

    public Verifier(
            Info info, Store store, Loop loop, Executor workers, Backlog backlog, SmartBan ban, Listener verdicts) {
        this.info = info;
        this.store = store;
        this.loop = loop;
        this.workers = workers;
        this.backlog = backlog;
        this.ban = ban;
        this.verdicts = verdicts;
    }

    /** Takes over a block of an open piece that has not come before; it is written after {@link #flush}. */
    public void keep(int piece, int block, ByteBuf data, InetAddress from) {
        ban.received(piece, info.pieces().blocks(piece), block, from);
        PieceWriter writer = writers.computeIfAbsent(piece, p -> new PieceWriter(p, info, store, backlog, outcome));
        writer.add(block, data);
        if (touched.isEmpty() || touched.getLast() != writer) {
            touched.add(writer);
        }
    }

    /** Has what was kept written: once for all blocks that came together, because waking a worker is dear. */
    public void flush() {
        for (PieceWriter writer : touched) {
            if (writer.start()) {
                workers.execute(writer);
            }
        }
        touched.clear();
    }

    /** Gives up an open piece; its room is given back as soon as no worker is at it. */
    public void drop(int piece) {
        ban.dropped(piece);
        PieceWriter writer = writers.remove(piece);
        if (writer == null || writer.drop()) {
            store.discard(piece);
        } else {
            dropping.set(piece);
        }
    }

    /** Whether {@code piece} was dropped and a worker is still at it: it must not be opened again yet. */
    public boolean isDropping(int piece) {
        return dropping.get(piece);
    }

    /** Drops all. {@code then} runs when no worker is at the store any more. */
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

    /** Whether {@code writer} is still the one of its piece: it may have been dropped while its word was on the way. */
    private boolean isCurrent(PieceWriter writer) {
        return writers.get(writer.piece()) == writer;
    }

    private void discardDropped(int piece) {
        dropping.clear(piece);
        store.discard(piece);
        verdicts.dropped(piece);
        checkIdle();
    }

    private void judged(PieceWriter writer, boolean right) {
        if (!ban.needsDigests(writer.piece(), right)) {
            conclude(writer, right, new long[0]);
            return;
        }
        workers.execute(() -> {
            try {
                long[] digests = writer.digests();
                loop.execute(() -> {
                    if (isCurrent(writer)) {
                        conclude(writer, right, digests);
                    } else {
                        discardDropped(writer.piece());
                    }
                });
            } catch (IOException | RuntimeException e) { // as when writing
                outcome.storeFailed(writer, e);
            }
        });
    }

    private void conclude(PieceWriter writer, boolean right, long[] digests) {
        int piece = writer.piece();
        writers.remove(piece);
        if (right) {
            Set<InetAddress> liars = ban.verified(piece, digests);
            verdicts.right(piece, store.verified(piece), liars);
        } else {
            Set<InetAddress> liars = ban.failed(piece, digests);
            store.discard(piece);
            verdicts.wrong(piece, liars);
        }
    }

    private final class WorkerListener implements PieceWriter.Listener {
        @Override
        public void judged(PieceWriter writer, boolean right) {
            loop.execute(() -> {
                if (isCurrent(writer)) {
                    Verifier.this.judged(writer, right);
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
                    verdicts.storeFailed(writer.piece(), cause);
                } else {
                    discardDropped(writer.piece());
                }
            });
        }

        @Override
        public void idle(PieceWriter writer) {
            loop.execute(() -> discardDropped(writer.piece()));
        }
    }
}
