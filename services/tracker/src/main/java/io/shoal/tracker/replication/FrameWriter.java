package io.shoal.tracker.replication;

import io.shoal.tracker.swarms.Change;
import java.nio.ByteBuffer;
import java.util.Arrays;

/** Collects the changes of one partition and makes frames of them, see {@link Frame}. */
final class FrameWriter {
    private static final int FEWEST_BYTES = 4 << 10;

    private final int replica;
    private final long sender;
    private ByteBuffer out = ByteBuffer.allocate(FEWEST_BYTES).position(Frame.HEAD_BYTES);
    private long sequence;
    private int changes;

    FrameWriter(int replica, long sender) {
        this.replica = replica;
        this.sender = sender;
    }

    /** How many changes wait for {@link #close}. */
    int changes() {
        return changes;
    }

    /** Whether another change might not find room. */
    boolean isFull() {
        return out.position() + Frame.V6_CHANGE_BYTES > Frame.MOST_BYTES;
    }

    void add(Change change) {
        if (out.remaining() < Frame.V6_CHANGE_BYTES) {
            out = ByteBuffer.wrap(Arrays.copyOf(out.array(), Math.min(2 * out.capacity(), Frame.MOST_BYTES)))
                    .position(out.position());
        }
        boolean isV4 = change.address().isV4();
        out.put((byte) (change.state().code()
                | (change.leeched() ? Frame.LEECHED : 0)
                | (change.counted() ? Frame.COUNTED : 0)
                | (change.completed() ? Frame.COMPLETED : 0)
                | (isV4 ? 0 : Frame.V6)));
        out.putLong(change.torrent().first());
        out.putLong(change.torrent().second());
        out.putInt(change.torrent().last());
        if (isV4) {
            out.putInt(change.address().v4());
        } else {
            out.putLong(change.address().high());
            out.putLong(change.address().low());
        }
        out.putShort((short) change.port());
        out.putInt(change.peer());
        out.putInt(change.downloaded());
        out.putInt((int) change.at());
        changes++;
    }

    /** The frame of what was added since the last one. */
    byte[] close(long now) {
        byte[] frame = Arrays.copyOf(out.array(), out.position());
        ByteBuffer.wrap(frame)
                .put((byte) Frame.VERSION)
                .put((byte) replica)
                .putLong(sender)
                .putLong(sequence++)
                .putLong(now);
        out.position(Frame.HEAD_BYTES);
        changes = 0;
        return frame;
    }
}
