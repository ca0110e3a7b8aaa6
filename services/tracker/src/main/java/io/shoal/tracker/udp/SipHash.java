package io.shoal.tracker.udp;

/**
 * SipHash-2-4 (Aumasson, Bernstein 2012) of three longs: a keyed hash made for short input and many calls, which an attacker
 * computes without the key.
 */
final class SipHash {
    private SipHash() {}

    /** The hash of the 24 bytes {@code a}, {@code b}, {@code c}, each little endian. */
    static long of(long key0, long key1, long a, long b, long c) {
        long v0 = key0 ^ 0x736f6d6570736575L;
        long v1 = key1 ^ 0x646f72616e646f6dL;
        long v2 = key0 ^ 0x6c7967656e657261L;
        long v3 = key1 ^ 0x7465646279746573L;
        for (int block = 0; block < 5; block++) {
            long message = switch (block) {
                case 0 -> a;
                case 1 -> b;
                case 2 -> c;
                case 3 -> 24L << 56;
                default -> 0;
            };
            if (block == 4) {
                v2 ^= 0xff;
            }
            v3 ^= message;
            int rounds = block == 4 ? 4 : 2;
            for (int round = 0; round < rounds; round++) {
                v0 += v1;
                v1 = Long.rotateLeft(v1, 13) ^ v0;
                v0 = Long.rotateLeft(v0, 32);
                v2 += v3;
                v3 = Long.rotateLeft(v3, 16) ^ v2;
                v0 += v3;
                v3 = Long.rotateLeft(v3, 21) ^ v0;
                v2 += v1;
                v1 = Long.rotateLeft(v1, 17) ^ v2;
                v2 = Long.rotateLeft(v2, 32);
            }
            v0 ^= message;
        }
        return v0 ^ v1 ^ v2 ^ v3;
    }
}
