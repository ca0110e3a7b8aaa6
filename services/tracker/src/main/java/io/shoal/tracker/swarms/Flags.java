package io.shoal.tracker.swarms;

/**
 * The 8 bits of a slot about its peer, besides state, place and time: two marks that stay with the peer id, five bits of when the
 * other replicas were last told, in sixteenths of the lifetime modulo 32.
 */
final class Flags {
    /** Was seen as a leech, so it can become a seed. */
    static final int LEECHED = 1;

    /** Its completion is in `downloaded` already. */
    static final int COUNTED = 2;

    /** The marks that stay with a peer id. */
    static final int MARKS = LEECHED | COUNTED;

    private static final int TOLD_SHIFT = 2;
    private static final int TOLD = 31;
    private static final int UNITS_A_LIFETIME = 16;

    /** Units after which an unchanged peer is told again: more than a quarter, less than a third of its lifetime. */
    private static final int DUE = 5;

    private Flags() {}

    /** {@code flags} of a peer that was told at {@code at}. */
    static int told(int flags, long at, SwarmLimits swarmLimits) {
        return flags & MARKS | unit(at, swarmLimits) << TOLD_SHIFT;
    }

    /** Returns whether the other replicas must be sent a peer that announced at {@code at} and has not changed. */
    static boolean isDue(int flags, long at, SwarmLimits swarmLimits) {
        return (unit(at, swarmLimits) - (flags >>> TOLD_SHIFT) & TOLD) >= DUE;
    }

    private static int unit(long at, SwarmLimits swarmLimits) {
        return (int) (at / Math.max(1, swarmLimits.lifetime() / UNITS_A_LIFETIME)) & TOLD;
    }
}
