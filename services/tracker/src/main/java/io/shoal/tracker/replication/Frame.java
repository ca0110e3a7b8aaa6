package io.shoal.tracker.replication;

import io.shoal.tracker.networks.Address;
import io.shoal.tracker.swarms.Change;
import io.shoal.tracker.swarms.PeerState;
import io.shoal.tracker.swarms.SwarmKey;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * A record of {@code shoal.announces}: changes that one replica saw, in the order in which it saw them. Big-endian:
 *
 * <pre>
 * version 8 | replica 8 | sender 64 | sequence 64 | closed 64, then for each change
 * flags 8 | info-hash 160 | address 32 or 128 | port 16 | fingerprint 32 | downloaded 32 | at 32
 * flags: state 2, leeched 1, counted 1, completed 1, v6 1, none 2
 * </pre>
 *
 * {@code at} has the low 32 bits of milliseconds; the rest is that which brings it nearest to {@code closed}.
 *
 * @param sender a number that the replica's process drew when it started: it knows its own frames by it
 * @param sequence one more than that of the sender's frame before in this partition, from 0
 * @param closed when the frame was, milliseconds of the sender's clock
 */
record Frame(long sender, long sequence, long closed, List<Change> changes) {
    static final int VERSION = 1;
    static final int HEAD_BYTES = 2 + 3 * Long.BYTES;
    static final int V4_CHANGE_BYTES = 1 + 20 + 4 + 2 + 3 * Integer.BYTES;
    static final int V6_CHANGE_BYTES = V4_CHANGE_BYTES + 12;

    /** Bytes of the largest frame: half of what a record may have. */
    static final int MOST_BYTES = 256 << 10;

    static final int STATE = 3;
    static final int LEECHED = 4;
    static final int COUNTED = 8;
    static final int COMPLETED = 16;
    static final int V6 = 32;
    private static final int NONE = 0xc0;

    /** The frame with these {@code bytes}. */
    static Frame read(byte[] bytes) throws BadFrameException {
        require(bytes.length >= HEAD_BYTES && bytes.length <= MOST_BYTES, "length");
        ByteBuffer in = ByteBuffer.wrap(bytes);
        require(in.get() == VERSION, "version");
        int replica = Byte.toUnsignedInt(in.get());
        long sender = in.getLong();
        long sequence = in.getLong();
        require(sequence >= 0, "sequence");
        long closed = in.getLong();
        require(closed >= 0, "time");
        List<Change> changes = new ArrayList<>((bytes.length - HEAD_BYTES) / V4_CHANGE_BYTES);
        try {
            while (in.hasRemaining()) {
                changes.add(change(in, closed, replica));
            }
        } catch (BufferUnderflowException e) {
            throw new BadFrameException("a change is cut off");
        }
        return new Frame(sender, sequence, closed, List.copyOf(changes));
    }

    private static Change change(ByteBuffer in, long closed, int replica) throws BadFrameException {
        int flags = in.get();
        require((flags & NONE) == 0, "flags");
        SwarmKey torrent = new SwarmKey(in.getLong(), in.getLong(), in.getInt());
        boolean isV6 = (flags & V6) != 0;
        Address address = isV6 ? new Address(in.getLong(), in.getLong()) : Address.ofV4(in.getInt());
        require(address.isUnicast() && address.isV4() != isV6, "address");
        int port = Short.toUnsignedInt(in.getShort());
        require(port != 0, "port");
        int peer = in.getInt();
        int downloaded = in.getInt();
        require(downloaded >= 0, "downloaded");
        int at = in.getInt();
        boolean counted = (flags & COUNTED) != 0;
        boolean completed = (flags & COMPLETED) != 0;
        require(counted || !completed, "flags");
        return new Change(
                torrent,
                address,
                port,
                peer,
                PeerState.of(flags & STATE),
                (flags & LEECHED) != 0,
                counted,
                completed,
                downloaded,
                closed + (at - (int) closed),
                replica);
    }

    private static void require(boolean holds, String field) throws BadFrameException {
        if (!holds) {
            throw new BadFrameException("a frame's " + field + " cannot be");
        }
    }
}
