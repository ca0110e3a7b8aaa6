package io.shoal.engine;

/**
 * When a tracker is announced to next; both in milliseconds since 1970. A successor needs both: one that wants peers
 * starts without any and does not wait for the planned time, but must not announce before the tracker's minimum has
 * passed.
 *
 * @param planned when the announce is due if there is no reason to hurry; not before {@code earliest}
 * @param earliest when an announce is allowed
 */
public record NextAnnounce(long planned, long earliest) {}
