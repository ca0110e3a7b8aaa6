package io.shoal.simulation;

import io.shoal.swarm.scratch.SlotBytes;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;

/** Slots in memory, allocated as they are written, that can fail as a disk does. */
final class SimulatedScratch implements SlotBytes {
    private static final int PAGE = 256 << 10;

    private final byte[][][] slots;

    /** Whether writes fail, as on a full disk. */
    boolean isFull;

    /** Whether reads fail, as on a broken disk. */
    boolean isUnreadable;

    SimulatedScratch(int count) {
        slots = new byte[count][(16 << 20) / PAGE][];
    }

    @Override
    public int slots() {
        return slots.length;
    }

    @Override
    public void write(int slot, int offset, ByteBuffer bytes) throws IOException {
        if (isFull) {
            throw new IOException("No space left on device");
        }
        for (int at = offset; bytes.hasRemaining(); ) {
            byte[] page = slots[slot][at / PAGE];
            if (page == null) {
                page = new byte[PAGE];
                slots[slot][at / PAGE] = page;
            }
            int length = Math.min(bytes.remaining(), PAGE - at % PAGE);
            bytes.get(page, at % PAGE, length);
            at += length;
        }
    }

    @Override
    public void read(int slot, int offset, ByteBuffer into) throws IOException {
        if (isUnreadable) {
            throw new IOException("Input/output error");
        }
        for (int at = offset; into.hasRemaining(); ) {
            byte[] page = slots[slot][at / PAGE];
            if (page == null) {
                throw new EOFException("slot " + slot + " was never written at " + at);
            }
            int length = Math.min(into.remaining(), PAGE - at % PAGE);
            into.put(page, at % PAGE, length);
            at += length;
        }
    }
}
