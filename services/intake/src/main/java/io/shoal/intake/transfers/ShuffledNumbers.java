package io.shoal.intake.transfers;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/**
 * A permutation of the numbers 1 to 2^31 - 1 that follows from a text: numbers stay distinct and never change, but neither their order
 * nor the distance between them shows. A Feistel network over 32 bits is repeated until its result is in the range.
 */
final class ShuffledNumbers {
    private static final int ROUNDS = 4;
    private static final int HALF_BITS = 16;
    private static final int HALF = (1 << HALF_BITS) - 1;

    private final byte[] seed;

    ShuffledNumbers(String text) {
        this.seed = text.getBytes(StandardCharsets.UTF_8);
    }

    /** Returns what {@code number}, which is positive, becomes. */
    int of(int number) {
        int shuffled = number;
        do {
            shuffled = permute(shuffled);
        } while (shuffled <= 0);
        return shuffled;
    }

    private int permute(int number) {
        int left = number >>> HALF_BITS;
        int right = number & HALF;
        for (int round = 0; round < ROUNDS; round++) {
            int next = left ^ mix(round, right);
            left = right;
            right = next;
        }
        return left << HALF_BITS | right;
    }

    private int mix(int round, int half) {
        try {
            MessageDigest sha256 = MessageDigest.getInstance("SHA-256");
            sha256.update(seed);
            byte[] digest = sha256.digest(ByteBuffer.allocate(2 * Integer.BYTES)
                    .putInt(round)
                    .putInt(half)
                    .array());
            return ByteBuffer.wrap(digest).getShort() & HALF;
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }
}
