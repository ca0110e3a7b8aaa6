package io.shoal.engine.announce;

import io.shoal.engine.NextAnnounce;

/**
 * A tracker, as it stands in the schedule.
 *
 * @param url its announce URL, which may carry a passkey
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
        String url, boolean started, long next, long earliest, String code, String detail, int seeds, int leeches) {

    /** When the session's next owner is to ask. */
    public NextAnnounce handOver() {
        return new NextAnnounce(Math.max(next, earliest), earliest);
    }

    /** Leaves the URL out, because the result may end in logs. */
    @Override
    public String toString() {
        return "TrackerState[" + code + "]";
    }

    /** What is carried over from one owner of a session to the next. */
    public record Resumed(boolean started, NextAnnounce nextAnnounce) {
        /** Nothing was carried over. */
        public static final Resumed FRESH = new Resumed(false, new NextAnnounce(0, 0));
    }
}
