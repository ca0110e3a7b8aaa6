package io.shoal.intake.quotas;

/** Where transfers go in the download queue. Those that are moved together keep their order. */
public enum QueueMove {
    /** Before all others. */
    TOP,
    /** Each before the one that comes before it, if that is not moved as well. */
    UP,
    /** Each behind the one that comes after it, if that is not moved as well. */
    DOWN,
    /** Behind all others. */
    BOTTOM
}
