package io.shoal.local.world;

import io.shoal.engine.store.Store;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.BitSet;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** A seed's store that counts how often blocks of each piece were asked for, and can hold back what comes late. */
public final class CountingStore implements Store {
    private final Store store;
    private final AtomicIntegerArray reads;
    private final AtomicLong bytes = new AtomicLong();
    private final Queue<Runnable> heldBack = new ArrayDeque<>();
    private volatile long most = Long.MAX_VALUE;
    private volatile @Nullable Executor loop;

    /** @param pieces how many the torrent has */
    public CountingStore(Store store, int pieces) {
        this.store = store;
        this.reads = new AtomicIntegerArray(pieces);
    }

    /** Bytes that were asked for in all. */
    public long bytes() {
        return bytes.get();
    }

    /** Pieces of which bytes were asked for since {@link #forget}. */
    public BitSet read() {
        BitSet read = new BitSet();
        for (int piece = 0; piece < reads.length(); piece++) {
            read.set(piece, reads.get(piece) > 0);
        }
        return read;
    }

    /** Forgets which pieces were asked for; {@link #bytes} goes on. */
    public void forget() {
        for (int piece = 0; piece < reads.length(); piece++) {
            reads.set(piece, 0);
        }
    }

    /** Nothing is given after so many bytes until {@link #release}. */
    public CountingStore holdBackAfter(long given) {
        most = given;
        return this;
    }

    /** Gives what was held back, and all that follows. */
    public void release() {
        most = Long.MAX_VALUE;
        Objects.requireNonNull(loop).execute(() -> {
            heldBack.forEach(Runnable::run);
            heldBack.clear();
        });
    }

    @Override
    public void read(int piece, int begin, int length, Reader reader) {
        if (bytes.get() + length > most) {
            heldBack.add(() -> read(piece, begin, length, reader));
            return;
        }
        reads.incrementAndGet(piece);
        bytes.addAndGet(length);
        store.read(piece, begin, length, reader);
    }

    @Override
    public void attach(Executor loop, Listener listener) {
        this.loop = loop;
        store.attach(loop, listener);
    }

    @Override
    public BitSet held() {
        return store.held();
    }

    @Override
    public boolean open(int piece) {
        return store.open(piece);
    }

    @Override
    public boolean hasRoom(int piece) {
        return store.hasRoom(piece);
    }

    @Override
    public void write(int piece, int begin, ByteBuffer bytes) throws IOException {
        store.write(piece, begin, bytes);
    }

    @Override
    public void readBack(int piece, int begin, ByteBuffer into) throws IOException {
        store.readBack(piece, begin, into);
    }

    @Override
    public boolean verified(int piece) {
        return store.verified(piece);
    }

    @Override
    public void discard(int piece) {
        store.discard(piece);
    }

    @Override
    public void close() {
        store.close();
    }
}
