package io.shoal.intake.progress;

/** Numbers that share a long. */
final class Packed {
    private Packed() {}

    /** Returns {@code value}, which must not be negative and must fit into {@code bits}. */
    static long fit(long value, int bits) {
        if (value < 0 || value >>> bits - 1 != 0) {
            throw new IllegalArgumentException(value + " is larger than any such number that is given out");
        }
        return value;
    }

    static long pair(int high, int low) {
        return (long) high << Integer.SIZE | low & 0xffff_ffffL;
    }

    /** The upper half, as a number without a sign. */
    static long high(long pair) {
        return pair >>> Integer.SIZE;
    }

    /** The lower half, as a number without a sign. */
    static long low(long pair) {
        return pair & 0xffff_ffffL;
    }

    /** The nearest number of 32 bits without a sign. */
    static int clamp(long value) {
        return (int) Math.clamp(value, 0, 0xffff_ffffL);
    }

    /** The nearest number of 16 bits without a sign. */
    static int clamp16(long value) {
        return Math.clamp(value, 0, 0xffff);
    }
}
