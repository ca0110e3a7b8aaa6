package io.shoal.tracker.swarms;

import java.security.SecureRandom;

/** A seeded hash of two numbers: unknown choose what we hash, so they must not know where it lands. */
public final class Mix {
    /** Drawn once per process. */
    static final long SEED = new SecureRandom().nextLong();

    private Mix() {}

    /** 32 bits that depend on all of {@code seed}, {@code a} and {@code b}. */
    public static int mix(long seed, long a, long b) {
        long h = (a ^ seed) * 0x9E3779B97F4A7C15L;
        h ^= h >>> 32;
        h = (h + b ^ Long.rotateLeft(seed, 29)) * 0xBF58476D1CE4E5B9L;
        h ^= h >>> 29;
        h *= 0x94D049BB133111EBL;
        return (int) (h ^ h >>> 32);
    }
}
