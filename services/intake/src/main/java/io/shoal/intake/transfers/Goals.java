package io.shoal.intake.transfers;

import org.jspecify.annotations.Nullable;

/**
 * When a transfer has seeded enough: as soon as it meets one of these. Without any it seeds until it is removed.
 *
 * @param ratio how much it has given back since it joined, as a multiple of the wanted bytes
 * @param seedingSeconds how long it has seeded in all
 * @param idleSeconds how long it has seeded without sending or receiving payload
 */
public record Goals(
        @Nullable Double ratio,
        @Nullable Long seedingSeconds,
        @Nullable Long idleSeconds) {
    /** Until it is removed. */
    public static final Goals NONE = new Goals(null, null, null);
}
