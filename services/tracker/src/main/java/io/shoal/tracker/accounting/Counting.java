package io.shoal.tracker.accounting;

import io.shoal.tracker.swarms.Event;
import java.util.ArrayDeque;
import java.util.Deque;

/**
 * Turns what one client reports, counters of its own, into totals of sessions, each byte once. Only what a counter grew by since
 * the report before is counted: of a client that is new to us, what it has counted so far was accounted for elsewhere, or is
 * nothing. A counter that fell began at zero again, so its whole value is new. A packet that comes again after a later one (BEP 15:
 * a client repeats its request until it has the reply), or comes at last, is no report at all.
 */
public final class Counting {
    /** For so long a packet can come again: connection ids are not valid for longer. */
    private static final long REPEATED_MILLIS = 180_000;

    private static final int REMEMBERED = 4;

    private final Deque<Report> before = new ArrayDeque<>();
    private Report last;
    private long start;
    private long uploaded;
    private long downloaded;
    private long seedingMillis;

    /**
     * The counters that a client reported at one time.
     *
     * @param seeding whether it lacks nothing
     * @param at when, milliseconds of the tracker's clock
     */
    public record Report(long uploaded, long downloaded, Event event, boolean seeding, long at) {
        private boolean saysTheSameAs(Report other) {
            return uploaded == other.uploaded && downloaded == other.downloaded;
        }

        private boolean saysLessThan(Report other) {
            return uploaded < other.uploaded || downloaded < other.downloaded;
        }

        /** Smaller counters so soon are an older packet; a client that begins anew reports it. */
        private boolean isLateBehind(Report last) {
            return saysLessThan(last) && event != Event.STARTED && at - last.at <= REPEATED_MILLIS;
        }

        private boolean isAgain(Report earlier) {
            return saysTheSameAs(earlier) && event == earlier.event && at - earlier.at <= REPEATED_MILLIS;
        }
    }

    /** Begins with a client's first report. */
    public Counting(Report first) {
        last = first;
        start = first.at;
    }

    /**
     * Where the counting of a client stands: another replica goes on from here.
     *
     * @param last report that was counted
     * @param start of the session, milliseconds of the tracker's clock
     * @param uploaded in the session
     * @param downloaded in the session
     * @param seedingMillis in the session
     */
    public record Stand(Report last, long start, long uploaded, long downloaded, long seedingMillis) {}

    /** Goes on where another replica stands. */
    public Counting(Stand stand) {
        last = stand.last;
        start = stand.start;
        uploaded = stand.uploaded;
        downloaded = stand.downloaded;
        seedingMillis = stand.seedingMillis;
    }

    /** Where it stands. */
    public Stand stand() {
        return new Stand(last, start, uploaded, downloaded, seedingMillis);
    }

    /** Whether {@code report} is a packet that has been counted and comes again, or one that was overtaken. */
    public boolean isRepeat(Report report) {
        return !report.saysTheSameAs(last)
                && !isBeginning(report)
                && (report.isLateBehind(last) || before.stream().anyMatch(report::isAgain));
    }

    /** A client that has stopped and starts again begins a new session. */
    private boolean isBeginning(Report report) {
        return last.event == Event.STOPPED && report.event == Event.STARTED;
    }

    /** Counts a report that is no repeat. The session may be another one after it. */
    public void count(Report report) {
        boolean fell = report.saysLessThan(last);
        if (fell || isBeginning(report)) {
            start = report.at;
            uploaded = 0;
            downloaded = 0;
            seedingMillis = 0;
        } else if (last.seeding && last.event != Event.STOPPED) {
            seedingMillis += report.at - last.at;
        }
        // No sum passes the counter that it follows, so none overflows.
        uploaded += fell ? report.uploaded : report.uploaded - last.uploaded;
        downloaded += fell ? report.downloaded : report.downloaded - last.downloaded;
        before.addLast(last);
        if (before.size() > REMEMBERED) {
            before.removeFirst();
        }
        last = report;
    }

    /** When it was reported last. */
    public long at() {
        return last.at;
    }
}
