package io.shoal.swarm.scratch;

import io.shoal.bittorrent.geometry.Segment;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * One file of fixed size, divided into slots of one segment each. Its content is worthless after a crash: it is emptied
 * when it is opened and deleted when it is closed.
 *
 * <p>Any thread may read and write a slot while it is lent. Positional I/O is used rather than a
 * mapping: a full disk is then an exception of one write and not a fault of the whole process, and slots do not count
 * as the process's memory. Threads that use it must not be interrupted, because that closes the file for all.
 */
public final class Scratch implements SlotBytes, AutoCloseable {
    /** Bytes of one slot: any segment fits. */
    public static final int SLOT_BYTES = Segment.MAX_LENGTH;

    /** The lowest useful number of slots: a piece of 128 MiB can touch 18 segments, and a tenth is reserved. */
    public static final int SLOTS_MIN = 24;

    private final FileChannel file;
    private final int slots;

    private Scratch(FileChannel file, int slots) {
        this.file = file;
        this.slots = slots;
    }

    /**
     * Opens {@code path}, which is created if it is missing, with room for {@code bytes}, rounded down to whole slots.
     * Disk blocks are allocated as they are written.
     *
     * @throws IllegalArgumentException if that is less than {@link #SLOTS_MIN} slots
     */
    public static Scratch open(Path path, long bytes) throws IOException {
        long slots = bytes / SLOT_BYTES;
        if (slots < SLOTS_MIN || slots > Integer.MAX_VALUE) {
            throw new IllegalArgumentException("a scratch file has at least %d slots of %d bytes; %d bytes are too few"
                    .formatted(SLOTS_MIN, SLOT_BYTES, bytes));
        }
        Path folder = path.toAbsolutePath().getParent();
        if (folder != null) {
            Files.createDirectories(folder);
        }
        FileChannel file = FileChannel.open(
                path,
                StandardOpenOption.CREATE,
                StandardOpenOption.TRUNCATE_EXISTING,
                StandardOpenOption.READ,
                StandardOpenOption.WRITE,
                StandardOpenOption.DELETE_ON_CLOSE);
        return new Scratch(file, (int) slots);
    }

    @Override
    public int slots() {
        return slots;
    }

    @Override
    public void write(int slot, int offset, ByteBuffer bytes) throws IOException {
        long at = position(slot, offset, bytes.remaining());
        while (bytes.hasRemaining()) {
            at += file.write(bytes, at);
        }
    }

    @Override
    public void read(int slot, int offset, ByteBuffer into) throws IOException {
        long at = position(slot, offset, into.remaining());
        while (into.hasRemaining()) {
            int read = file.read(into, at);
            if (read < 0) {
                throw new EOFException("slot " + slot + " was never written at " + offset);
            }
            at += read;
        }
    }

    private long position(int slot, int offset, int length) {
        if (slot < 0 || slot >= slots || offset < 0 || length > SLOT_BYTES - offset) {
            throw new IndexOutOfBoundsException(length + " bytes at " + offset + " of slot " + slot);
        }
        return (long) slot * SLOT_BYTES + offset;
    }

    @Override
    public void close() throws IOException {
        file.close();
    }
}
