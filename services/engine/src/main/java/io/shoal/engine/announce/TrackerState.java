package io.shoal.engine.announce;

/**
 * A tracker, as it stands in the schedule.
 *
 * @param started whether it has heard {@code started} in this session
 * @param next when it is asked next, in milliseconds since 1970; 0 if that is not planned
 * @param earliest when a successor may ask it: now if we are not bound to wait, else when its minimum has passed; in
 *     milliseconds since 1970
 * @param code {@code ok}, {@code waiting} before the first answer, else a failure of {@link TrackerClient.Codes}
 * @param detail what a person may be told of the failure; empty if nothing
 * @param seeds as it counts them; -1 if it does not say
 * @param leeches as it counts them; -1 if it does not say
 */
public record TrackerState(
        boolean started, long next, long earliest, String code, String detail, int seeds, int leeches) {

    /**
     * When the session's next owner should ask, in milliseconds since 1970: as planned, but as soon as the tracker's minimum
     * allows if peers are wanted, because a successor begins without any.
     */
    public long handOver(boolean hungry) {
        return hungry ? earliest : Math.max(next, earliest);
    }

    /** What is carried over from one owner of a session to the next. */
    public record Resumed(boolean started, long nextAnnounce) {
        /** Nothing was carried over. */
        public static final Resumed FRESH = new Resumed(false, 0);
    }
}
