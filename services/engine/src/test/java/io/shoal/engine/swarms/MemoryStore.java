package io.shoal.engine.swarms;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.shoal.bittorrent.metainfo.Pieces;
import io.shoal.engine.store.Store;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.BitSet;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/** A store in the heap, which keeps its contract and fails when the engine breaks it. */
public final class MemoryStore implements Store {
    public final byte[] content;
    private final Pieces pieces;
    private final BitSet held = new BitSet();
    private final BitSet open = new BitSet();
    private final boolean lies;
    private boolean full;
    private boolean unreadable;
    private boolean breaksReads;
    private @Nullable Listener listener;

    private MemoryStore(Pieces pieces, byte[] content, boolean whole, boolean lies) {
        this.pieces = pieces;
        this.content = content;
        this.lies = lies;
        held.set(0, whole ? pieces.count() : 0);
    }

    public static MemoryStore empty(Pieces pieces) {
        return new MemoryStore(pieces, new byte[(int) pieces.total()], false, false);
    }

    public static MemoryStore of(Pieces pieces, byte[] content) {
        return new MemoryStore(pieces, content, true, false);
    }

    /** Gives wrong bytes for every block that it is asked for. */
    public static MemoryStore lying(Pieces pieces, byte[] content) {
        return new MemoryStore(pieces, content, true, true);
    }

    void setFull(boolean full) {
        this.full = full;
        if (!full && listener != null) {
            listener.roomChanged();
        }
    }

    /** Asks for the room of all open pieces. */
    void needRoom() {
        if (listener != null) {
            listener.roomNeeded((BitSet) open.clone());
        }
    }

    /** Sets whether reads for peers fail. */
    public void setUnreadable(boolean unreadable) {
        this.unreadable = unreadable;
    }

    /** Every read has a mistake. */
    void breakReads() {
        breaksReads = true;
    }

    boolean isOpen(int piece) {
        return open.get(piece);
    }

    public void lose(int piece) {
        held.clear(piece);
        if (listener != null) {
            BitSet lost = new BitSet();
            lost.set(piece);
            listener.lost(lost);
        }
    }

    @Override
    public void attach(Executor loop, Listener listener) {
        this.listener = listener;
    }

    @Override
    public BitSet held() {
        return (BitSet) held.clone();
    }

    @Override
    public boolean open(int piece) {
        if (open.get(piece) || held.get(piece)) {
            throw new IllegalStateException("piece " + piece + " is open or held");
        }
        if (full) {
            return false;
        }
        open.set(piece);
        return true;
    }

    @Override
    public boolean hasRoom(int piece) {
        return !full;
    }

    @Override
    public void write(int piece, int begin, ByteBuffer bytes) {
        checkOpen(piece);
        bytes.get(content, (int) pieces.offset(piece) + begin, bytes.remaining());
    }

    @Override
    public void readBack(int piece, int begin, ByteBuffer into) {
        checkOpen(piece);
        into.put(content, (int) pieces.offset(piece) + begin, into.remaining());
    }

    @Override
    public boolean verified(int piece) {
        checkOpen(piece);
        open.clear(piece);
        held.set(piece);
        return true;
    }

    @Override
    public void discard(int piece) {
        checkOpen(piece);
        open.clear(piece);
    }

    @Override
    public void read(int piece, int begin, int length, Reader reader) {
        if (breaksReads || !held.get(piece)) {
            throw new IllegalStateException("piece " + piece + " is not held");
        }
        if (unreadable) {
            reader.failed(new IOException("the bucket is gone"));
            return;
        }
        ByteBuf bytes = Unpooled.copiedBuffer(content, (int) pieces.offset(piece) + begin, length);
        if (lies) {
            bytes.setByte(0, ~bytes.getByte(0));
        }
        reader.done(bytes);
    }

    @Override
    public void close() {
        if (!open.isEmpty()) {
            throw new IllegalStateException("closed with open pieces");
        }
    }

    private void checkOpen(int piece) {
        if (!open.get(piece)) {
            throw new IllegalStateException("piece " + piece + " is not open");
        }
    }
}
