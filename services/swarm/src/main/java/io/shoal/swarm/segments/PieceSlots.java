package io.shoal.swarm.segments;

import io.shoal.swarm.scratch.SlotBytes;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Where the bytes of an open piece are written: the slot and the offset in it, for each run of the piece. Pad files are
 * not written and read as zeros.
 *
 * <p>The ranges do not change while the piece is open, so worker threads use them without the loop. The gate ensures
 * that its slots are not released while a worker thread uses them.
 */
final class PieceSlots {
    /**
     * The place of one run.
     *
     * @param begin offset in the piece
     * @param segment that it belongs to; -1 for pad files
     * @param slot number of the slot; -1 for pad files
     * @param inSlot where it begins in the slot
     */
    record SlotRange(int begin, int length, int segment, int slot, int inSlot) {}

    /** An operation on the bytes of one run. */
    private interface Action {
        void at(SlotRange place, int offset, ByteBuffer bytes) throws IOException;
    }

    /** What the piece receives. */
    final PieceProgress progress;

    private final SlotRange[] places;
    private int inside;
    private @Nullable Runnable whenEmpty;

    PieceSlots(List<SlotRange> places, PieceProgress progress) {
        this.progress = progress;
        this.places = places.toArray(SlotRange[]::new);
    }

    /** Writes to the slots, from byte {@code begin} of the piece. */
    void write(SlotBytes scratch, int begin, ByteBuffer bytes) throws IOException {
        forEachPlace(begin, bytes, (place, offset, part) -> {
            if (place.slot >= 0) {
                scratch.write(place.slot, place.inSlot + offset, part);
            }
        });
    }

    /** Reads bytes that were written. */
    void readBack(SlotBytes scratch, int begin, ByteBuffer into) throws IOException {
        forEachPlace(begin, into, (place, offset, part) -> {
            if (place.slot >= 0) {
                scratch.read(place.slot, place.inSlot + offset, part);
            } else {
                while (part.hasRemaining()) {
                    part.put((byte) 0);
                }
            }
        });
        into.position(into.limit());
    }

    /** Closes the gate, and runs {@code whenEmpty} when the last user is done: at once, or on that user's thread. */
    void close(Runnable whenEmpty) {
        synchronized (this) {
            this.whenEmpty = whenEmpty;
            if (inside > 0) {
                return;
            }
        }
        whenEmpty.run();
    }

    private void forEachPlace(int begin, ByteBuffer bytes, Action action) throws IOException {
        enter();
        try {
            int at = begin;
            int end = begin + bytes.remaining();
            for (int i = placeOf(begin); at < end; i++) {
                SlotRange place = places[i];
                int offset = at - place.begin;
                int length = Math.min(place.length - offset, end - at);
                action.at(place, offset, bytes.slice(bytes.position() + at - begin, length));
                at += length;
            }
        } finally {
            leave();
        }
    }

    private int placeOf(int begin) {
        int low = 0;
        int high = places.length - 1;
        while (low < high) {
            int middle = (low + high + 1) >>> 1;
            if (places[middle].begin <= begin) {
                low = middle;
            } else {
                high = middle - 1;
            }
        }
        return low;
    }

    private synchronized void enter() throws IOException {
        if (whenEmpty != null) {
            throw new IOException("the piece is not open any more");
        }
        inside++;
    }

    private void leave() {
        Runnable then;
        synchronized (this) {
            inside--;
            then = inside == 0 ? whenEmpty : null;
        }
        if (then != null) {
            then.run();
        }
    }
}
