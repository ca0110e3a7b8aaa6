package io.shoal.tracker.swarms;

import java.nio.ByteBuffer;

/**
 * A peer id as three numbers, read off the wire without an array between.
 *
 * @param first bytes 0 to 7
 * @param second bytes 8 to 15
 * @param last bytes 16 to 19
 */
public record PeerKey(long first, long second, int last) {
    /** The peer id's 20 bytes. */
    public byte[] bytes() {
        return ByteBuffer.allocate(20)
                .putLong(first)
                .putLong(second)
                .putInt(last)
                .array();
    }

    /**
     * 32 bits of the peer id: enough to tell two clients at one address apart. The same in every process, since replicas
     * compare them. A client that forges one harms only itself.
     */
    public int fingerprint() {
        long h = first * 0x9E3779B97F4A7C15L ^ Long.rotateLeft(second, 23) * 0xBF58476D1CE4E5B9L ^ last;
        h = (h ^ h >>> 31) * 0x94D049BB133111EBL;
        return (int) (h ^ h >>> 32);
    }
}
