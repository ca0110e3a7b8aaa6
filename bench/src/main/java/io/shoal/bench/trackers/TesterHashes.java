package io.shoal.bench.trackers;

import java.util.HexFormat;

/**
 * The info-hashes that aquatic_udp_load_test announces: its generator (xoshiro256++, seeded through SplitMix64) starts from a
 * fixed number, so a tracker with a whitelist can be told them.
 */
final class TesterHashes {
    private static final long SEED = 0xc3aa8be617b3acceL;
    private static final int BYTES = 20;

    private final long[] state = new long[4];

    TesterHashes() {
        long seed = SEED;
        for (int i = 0; i < state.length; i++) {
            seed += 0x9E3779B97F4A7C15L;
            long mixed = (seed ^ seed >>> 30) * 0xBF58476D1CE4E5B9L;
            mixed = (mixed ^ mixed >>> 27) * 0x94D049BB133111EBL;
            state[i] = mixed ^ mixed >>> 31;
        }
    }

    /** The next one, in hexadecimal digits. */
    String next() {
        byte[] hash = new byte[BYTES];
        for (int i = 0; i < BYTES; i++) {
            hash[i] = (byte) (nextLong() >>> 32);
        }
        return HexFormat.of().formatHex(hash);
    }

    private long nextLong() {
        long result = Long.rotateLeft(state[0] + state[3], 23) + state[0];
        long shifted = state[1] << 17;
        state[2] ^= state[0];
        state[3] ^= state[1];
        state[1] ^= state[2];
        state[0] ^= state[3];
        state[2] ^= shifted;
        state[3] = Long.rotateLeft(state[3], 45);
        return result;
    }
}
