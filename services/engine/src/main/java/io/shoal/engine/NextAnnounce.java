package io.shoal.engine;

/**
 * When a tracker is asked next; both in milliseconds since 1970. A successor needs the two: one that wants peers begins without
 * any and does not wait for what was planned, but must not ask before the tracker's minimum has passed.
 *
 * @param planned when it is asked if there is no reason to hurry; not before {@code earliest}
 * @param earliest when it may be asked
 */
public record NextAnnounce(long planned, long earliest) {}
