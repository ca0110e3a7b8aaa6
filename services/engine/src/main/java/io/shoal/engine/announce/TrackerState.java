package io.shoal.engine.announce;

import io.shoal.engine.NextAnnounce;

/**
 * A tracker's state in the schedule.
 *
 * @param url its announce URL, which may carry a passkey
 * @param started whether it has received {@code started} in this session
 * @param next when it is announced to next, in milliseconds since 1970; 0 if no announce is planned
 * @param earliest when a successor may announce: now if no wait is due, else when the tracker's minimum has passed; in
 *     milliseconds since 1970
 * @param code {@code ok}, {@code waiting} before the first answer, else a failure of {@link TrackerClient.Codes}
 * @param detail text about the failure for a person; may be empty
 * @param seeds as it counts them; -1 if it does not say
 * @param leeches as it counts them; -1 if it does not say
 * @param peers how many its last answer named; -1 before the first
 * @param announcedAt when this announcer has last announced to it, in milliseconds since 1970; 0 if it was not
 */
public record TrackerState(
        String url,
        boolean started,
        long next,
        long earliest,
        String code,
        String detail,
        int seeds,
        int leeches,
        int peers,
        long announcedAt) {

    /** Returns when the session's next owner must announce. */
    public NextAnnounce nextAnnounce() {
        return new NextAnnounce(Math.max(next, earliest), earliest);
    }

    /** Leaves the URL out, because the result may end in logs. */
    @Override
    public String toString() {
        return "TrackerState[" + code + "]";
    }

    /** State that is carried over from one owner of a session to the next. */
    public record Resumed(boolean started, NextAnnounce nextAnnounce) {
        /** The state of a new session. */
        public static final Resumed FRESH = new Resumed(false, new NextAnnounce(0, 0));
    }
}
