package io.shoal.engine.announce;

import io.shoal.bittorrent.announce.AnnounceEvent;
import io.shoal.bittorrent.announce.AnnounceReply;
import java.time.Duration;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** One tracker's part of the schedule: what it has been told, and when it is asked again. Times are of the loop's clock. */
final class TrackerEntry {
    /** For a tracker that does not say how often it wants to hear. */
    static final Duration INTERVAL_DEFAULT = Duration.ofMinutes(30);

    /** However often a tracker wants to hear: below that it would be we who flood it. */
    static final Duration INTERVAL_MIN = Duration.ofSeconds(5);

    /** For a tracker that names no minimum: what the field takes as polite. */
    static final Duration MINIMUM_DEFAULT = Duration.ofMinutes(5);

    static final Duration BACKOFF_FIRST = Duration.ofSeconds(15);
    static final Duration BACKOFF_MAX = Duration.ofMinutes(30);

    /** A tracker that says "never" is asked once a day: people make mistakes. */
    static final Duration WAIT_MAX = Duration.ofDays(1);

    final String url;

    /** Whether it has heard {@code started} in this session. */
    boolean started;

    /** Whether it has still to hear {@code completed}. */
    boolean completedPending;

    /** When it is asked next. */
    long due;

    /** When it may be asked, if there is a reason to. */
    long earliest;

    /** Number of the announce whose outcome is awaited; 0 if there is none. */
    long pending;

    /** Whether its last answer knew of nobody but us. */
    boolean hasNoOtherPeers;

    @Nullable
    String trackerId;

    String code = "waiting";
    String detail = "";
    int seeds = -1;
    int leeches = -1;

    private Duration interval = BACKOFF_MAX;
    private int failures;

    TrackerEntry(String url, long now) {
        this.url = url;
        due = now;
        earliest = now;
    }

    void resume(TrackerState.Resumed resumed, long now, long epochMillis) {
        started = resumed.started();
        earliest = now + wait(resumed.nextAnnounce().earliest(), epochMillis);
        due = Math.max(earliest, now + wait(resumed.nextAnnounce().planned(), epochMillis));
        if (!started && earliest > now) {
            failures = 1; // or the predecessor would have no reason to wait
        }
    }

    private static long wait(long until, long epochMillis) {
        return Duration.ofMillis(Math.clamp(until - epochMillis, 0, WAIT_MAX.toMillis()))
                .toNanos();
    }

    /** It is asked as soon as it may be. */
    void announceSoon(long now) {
        due = Math.min(due, Math.max(now, earliest));
    }

    /** The session is over. The next one may begin at once, but for a tracker that failed; not faster than it is told. */
    void reset(long now) {
        started = false;
        completedPending = false;
        pending = 0;
        if (failures == 0) {
            earliest = now + INTERVAL_MIN.toNanos();
        }
        due = earliest;
    }

    /** Whether it has failed, and not answered since. */
    boolean isFailing() {
        return failures > 0;
    }

    AnnounceEvent event(boolean partialSeed) {
        if (!started) {
            return AnnounceEvent.STARTED;
        }
        if (completedPending) {
            return AnnounceEvent.COMPLETED;
        }
        return partialSeed ? AnnounceEvent.PAUSED : AnnounceEvent.NONE;
    }

    void answered(AnnounceEvent event, AnnounceReply reply, long now, RandomGenerator random) {
        started = true;
        completedPending &= event != AnnounceEvent.COMPLETED;
        failures = 0;
        code = "ok";
        detail = "";
        seeds = reply.seeds();
        leeches = reply.leeches();
        hasNoOtherPeers = reply.peers().isEmpty() || seeds >= 0 && leeches >= 0 && seeds + leeches <= 1;
        trackerId = reply.trackerId() == null ? trackerId : reply.trackerId();
        interval =
                reply.interval() == 0 ? INTERVAL_DEFAULT : longer(Duration.ofSeconds(reply.interval()), INTERVAL_MIN);
        Duration minimum = reply.minInterval() == 0
                ? shorter(interval, MINIMUM_DEFAULT)
                : longer(Duration.ofSeconds(reply.minInterval()), INTERVAL_MIN);
        Duration wait = jittered(interval, random);
        due = now + (reply.minInterval() == 0 ? wait : longer(wait, minimum)).toNanos();
        earliest = now + minimum.toNanos();
        if (completedPending) {
            due = now;
        }
    }

    void failed(TrackerClient.Failed failure, long now, RandomGenerator random) {
        code = failure.code();
        detail = failure.detail();
        Duration backoff = BACKOFF_FIRST.multipliedBy(1L << Math.min(failures, 10));
        failures++;
        // Never rarer than it would be asked if it worked, so that it is soon back when it is.
        Duration wait = jittered(shorter(backoff, shorter(interval, BACKOFF_MAX)), random);
        due = now + longer(wait, shorter(failure.retryAfter(), WAIT_MAX)).toNanos();
        earliest = due;
    }

    /** Ten per cent more or less, so that what began together does not stay together. */
    private static Duration jittered(Duration duration, RandomGenerator random) {
        long tenth = duration.toNanos() / 10;
        return duration.plusNanos(random.nextLong(-tenth, tenth + 1));
    }

    private static Duration longer(Duration a, Duration b) {
        return a.compareTo(b) > 0 ? a : b;
    }

    private static Duration shorter(Duration a, Duration b) {
        return a.compareTo(b) < 0 ? a : b;
    }
}
