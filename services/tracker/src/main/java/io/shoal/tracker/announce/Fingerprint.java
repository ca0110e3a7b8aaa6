package io.shoal.tracker.announce;

/**
 * 32 bits of a peer id: enough to tell two clients at one address apart. The same in every process, since replicas compare
 * them. Whoever forges one harms nobody but himself.
 */
public final class Fingerprint {
    private Fingerprint() {}

    /** Of the peer id with these bytes 0-7, 8-15 and 16-19. */
    public static int of(long first, long second, int last) {
        long h = first * 0x9E3779B97F4A7C15L ^ Long.rotateLeft(second, 23) * 0xBF58476D1CE4E5B9L ^ last;
        h = (h ^ h >>> 31) * 0x94D049BB133111EBL;
        return (int) (h ^ h >>> 32);
    }
}
