package io.shoal.engine.store;

import io.netty.buffer.ByteBuf;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.BitSet;
import java.util.concurrent.Executor;

/**
 * Keeps the bytes of one torrent. Methods are called on the torrent's loop and do not block, except {@link #write} and
 * {@link #readBack}, which worker threads call and which may block.
 *
 * <p>A piece is <em>open</em> from {@link #open} to {@link #verified} or {@link #discard}; meanwhile its room does not
 * move. Bytes that were never verified are never served.
 */
public interface Store {
    /**
     * Sets the listener of this store. Called once, before anything else.
     *
     * @param loop the torrent's loop, on which this store calls its listener and its readers
     */
    void attach(Executor loop, Listener listener);

    /** Returns a copy of the pieces that are stored: verified before, and readable. */
    BitSet held();

    /**
     * Reserves room for all of {@code piece}, or for none of it.
     *
     * @return false if there is no room now; {@link Listener#roomChanged} notifies when to try again
     */
    boolean open(int piece);

    /** Whether {@link #open} would need no new room: its segments are being filled already. */
    boolean hasRoom(int piece);

    /**
     * Writes bytes of an open piece. Worker threads only; writes of one piece must not overlap.
     *
     * @throws IOException if the bytes are not kept: a local fault, never the peer's
     */
    void write(int piece, int begin, ByteBuffer bytes) throws IOException;

    /** Reads bytes of an open piece that were written before. Worker threads only. */
    void readBack(int piece, int begin, ByteBuffer into) throws IOException;

    /**
     * The open piece is verified and is kept.
     *
     * @return whether all of it is kept and so can be served to peers; a piece that extends into an unwanted file is
     *     kept in part only
     */
    boolean verified(int piece);

    /** The open piece failed its hash, or is dropped: its bytes are discarded. */
    void discard(int piece);

    /**
     * Reads verified bytes for a peer; {@code reader} is called on the torrent's loop, during this call or later. At
     * most one result for each call, none after {@link #close}.
     */
    void read(int piece, int begin, int length, Reader reader);

    /** Closes the store for the engine. The owner of the store takes care of what is verified and not yet stored. */
    void close();

    /** Is notified about the store, on the torrent's loop. */
    interface Listener {
        /** There may be room now where there was none. */
        void roomChanged();

        /** The room of these open pieces is needed by others: they are dropped, except complete ones. */
        void roomNeeded(BitSet pieces);

        /**
         * Pieces that were held, all or in part, must be downloaded again. Peers that were promised one of them are
         * closed.
         */
        void lost(BitSet pieces);
    }

    /** Receives the result of one read. */
    interface Reader {
        /** The bytes, which the reader takes over and releases. */
        void done(ByteBuf bytes);

        /** The bytes cannot be read now: the store is slow or down. The peer is not at fault. */
        void failed(Throwable cause);
    }
}
