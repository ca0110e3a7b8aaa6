package io.shoal.engine.announce;

import io.shoal.bittorrent.announce.AnnounceEvent;
import io.shoal.bittorrent.announce.AnnounceReply;
import java.time.Duration;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * One tracker's part of the schedule: which events it has received, and when it is announced to again. Times are of the
 * loop's clock.
 */
final class TrackerEntry {
    /** For a tracker that sends no interval. */
    static final Duration INTERVAL_DEFAULT = Duration.ofMinutes(30);

    /** The shortest interval that is accepted: a shorter one would make this client flood the tracker. */
    static final Duration INTERVAL_MIN = Duration.ofSeconds(5);

    /** For a tracker that sends no minimum: the customary value. */
    static final Duration MINIMUM_DEFAULT = Duration.ofMinutes(5);

    /** A tracker that has not answered for so long is late. */
    static final Duration SILENCE = Duration.ofSeconds(10);

    static final Duration BACKOFF_FIRST = Duration.ofSeconds(15);
    static final Duration BACKOFF_MAX = Duration.ofMinutes(30);

    /** A tracker that sends "never" is announced to once a day: the answer may have been a mistake. */
    static final Duration WAIT_MAX = Duration.ofDays(1);

    final String url;

    /** Whether it has received {@code started} in this session. */
    boolean started;

    /** Whether it must still receive {@code completed}. */
    boolean completedPending;

    /** When it is announced to next. */
    long due;

    /** When an early announce is allowed. */
    long earliest;

    /** When an announce that a person asks for is allowed: sooner than {@link #earliest} only while it fails. */
    private long allowed;

    /** Number of the announce whose result is pending; 0 if there is none. */
    long pending;

    /** Number of the last announce; 0 if this session has not announced to it. */
    long latest;

    /** When it was last announced to. */
    long askedAt;

    /** The same in milliseconds since 1970; 0 if it was not. */
    long askedAtMillis;

    /** When it answered last; meaningful once it has. */
    long answeredAt;

    /** Whether its last answer named no peer but this one. */
    boolean hasNoOtherPeers;

    @Nullable
    String trackerId;

    String code = "waiting";
    String detail = "";
    int seeds = -1;
    int leeches = -1;

    /** How many peers its last answer named; -1 before the first. */
    int peers = -1;

    private Duration interval = BACKOFF_MAX;
    private int failures;

    TrackerEntry(String url, long now) {
        this.url = url;
        due = now;
        earliest = now;
        allowed = now;
        answeredAt = now; // a successor gives the tracker in use the time to name peers again
    }

    void resume(TrackerState.Resumed resumed, long now, long epochMillis) {
        started = resumed.started();
        earliest = now + wait(resumed.nextAnnounce().earliest(), epochMillis);
        allowed = earliest;
        due = Math.max(earliest, now + wait(resumed.nextAnnounce().planned(), epochMillis));
        if (!started && earliest > now) {
            failures = 1; // the predecessor had no other reason to wait
        }
    }

    private static long wait(long until, long epochMillis) {
        return Duration.ofMillis(Math.clamp(until - epochMillis, 0, WAIT_MAX.toMillis()))
                .toNanos();
    }

    /** The next announce is sent as soon as it is allowed. */
    void announceSoon(long now) {
        due = Math.min(due, Math.max(now, earliest));
    }

    /**
     * A person asks for an announce: it is sent as soon as the tracker allows it. The growing pause after failures, which spares a tracker
     * that is down, is cut short, but not the time that the tracker itself has asked to wait.
     */
    void announceOnRequest(long now) {
        due = Math.min(due, Math.max(now, allowed));
    }

    /**
     * The session is over. The next one may start at once, except at a tracker that failed, and not faster than
     * {@link #INTERVAL_MIN}.
     */
    void reset(long now) {
        started = false;
        completedPending = false;
        pending = 0;
        latest = 0;
        if (failures == 0) {
            earliest = now + INTERVAL_MIN.toNanos();
            allowed = earliest;
        }
        due = earliest;
    }

    /** Whether an answer is awaited, and late. */
    boolean isSilent(long now) {
        return pending != 0 && now - askedAt >= SILENCE.toNanos();
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
        answeredAt = now;
        code = "ok";
        detail = "";
        seeds = reply.seeds();
        leeches = reply.leeches();
        peers = reply.peers().size();
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
        allowed = earliest;
        if (completedPending) {
            due = now;
        }
    }

    /**
     * It has answered the same announce over its other address family too. The counts are of one swarm or of two, which
     * have most peers in common; the longer minimum holds.
     */
    void answeredAgain(AnnounceReply reply, long now) {
        seeds = Math.max(seeds, reply.seeds());
        leeches = Math.max(leeches, reply.leeches());
        peers += reply.peers().size();
        hasNoOtherPeers &= reply.peers().isEmpty();
        if (!completedPending) {
            due = Math.max(due, now + Duration.ofSeconds(reply.minInterval()).toNanos());
        }
        earliest =
                Math.max(earliest, now + Duration.ofSeconds(reply.minInterval()).toNanos());
        allowed = earliest;
    }

    void failed(TrackerClient.Failed failure, long now, RandomGenerator random) {
        code = failure.code();
        detail = failure.detail();
        Duration backoff = BACKOFF_FIRST.multipliedBy(1L << Math.min(failures, 10));
        failures++;
        // Not less often than a working tracker would be announced to, so that it is soon used again when it works.
        Duration wait = jittered(shorter(backoff, shorter(interval, BACKOFF_MAX)), random);
        Duration asked = shorter(failure.retryAfter(), WAIT_MAX);
        due = now + longer(wait, asked).toNanos();
        earliest = due;
        allowed = now + longer(BACKOFF_FIRST, asked).toNanos();
    }

    /** Adds or subtracts up to ten per cent, so that announces that started together spread out. */
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
