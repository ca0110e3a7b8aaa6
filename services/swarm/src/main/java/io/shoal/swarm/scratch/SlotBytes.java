package io.shoal.swarm.scratch;

import java.io.IOException;
import java.nio.ByteBuffer;

/** The bytes of slots. Any thread may read and write a slot while it is lent. */
public interface SlotBytes {
    /** Returns the number of slots. */
    int slots();

    /** Writes all that remains of {@code bytes} to {@code slot} from {@code offset}. */
    void write(int slot, int offset, ByteBuffer bytes) throws IOException;

    /** Fills {@code into} from {@code slot}, from {@code offset}; these bytes have been written before. */
    void read(int slot, int offset, ByteBuffer into) throws IOException;
}
