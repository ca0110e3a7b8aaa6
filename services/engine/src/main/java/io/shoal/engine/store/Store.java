package io.shoal.engine.store;

import io.netty.buffer.ByteBuf;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.BitSet;
import java.util.concurrent.Executor;

/**
 * Keeps the bytes of one torrent. Methods are called on the torrent's loop and do not block, but for {@link #write} and
 * {@link #readBack}, which are called by worker threads and may.
 *
 * <p>A piece is <em>open</em> from {@link #open} to {@link #verified} or {@link #discard}; while it is, its room does not
 * move. Bytes that were never verified are never served.
 */
public interface Store {
    /**
     * Makes {@code listener} the one that hears of this store. Called once, before anything else.
     *
     * @param loop the torrent's: where this store calls its listener and its readers
     */
    void attach(Executor loop, Listener listener);

    /** Pieces that are kept: verified before, and readable. A copy. */
    BitSet held();

    /**
     * Makes room for all of {@code piece}, or for none of it.
     *
     * @return false if there is no room now; {@link Listener#roomChanged} tells when to ask again
     */
    boolean open(int piece);

    /** Whether {@link #open} would need no new room: its segments are being filled already. */
    boolean hasRoom(int piece);

    /**
     * Writes bytes of an open piece. Worker threads only; those that write one piece do so one after the other.
     *
     * @throws IOException if the bytes are not kept: our own fault, never the peer's
     */
    void write(int piece, int begin, ByteBuffer bytes) throws IOException;

    /** Reads bytes of an open piece that were written before. Worker threads only. */
    void readBack(int piece, int begin, ByteBuffer into) throws IOException;

    /**
     * The open piece is right and will be kept.
     *
     * @return whether all of it is kept and so can be served to peers; a piece that reaches into a file that nobody wants is
     *     kept in part only
     */
    boolean verified(int piece);

    /** The open piece was wrong, or is given up: its bytes are worth nothing. */
    void discard(int piece);

    /**
     * Reads verified bytes for a peer; {@code reader} hears of it on the torrent's loop, at once or later. At most one
     * outcome for each call, none after {@link #close}.
     */
    void read(int piece, int begin, int length, Reader reader);

    /** Nothing more is asked of it. What was verified and not yet stored is the store's owner's business. */
    void close();

    /** Hears of the store, on the torrent's loop. */
    interface Listener {
        /** There may be room now where there was none. */
        void roomChanged();

        /** Pieces that were held are not any more: they must be downloaded again, and peers are not promised them. */
        void lost(BitSet pieces);
    }

    /** Takes the outcome of one read. */
    interface Reader {
        /** The bytes, which the reader takes over and releases. */
        void done(ByteBuf bytes);

        /** They cannot be had now: the store is slow or down. The peer is not to blame. */
        void failed(Throwable cause);
    }
}
