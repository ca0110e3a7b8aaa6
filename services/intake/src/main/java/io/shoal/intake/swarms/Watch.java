package io.shoal.intake.swarms;

import io.shoal.contracts.Generation;
import io.shoal.contracts.records.DemandRecord.Inspect;
import io.shoal.contracts.records.SwarmReport;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A slice at which this replica looks, or has looked a moment ago: when the fleet was asked last and what it has answered. Guarded by
 * the lock of {@link SwarmLooks}.
 */
final class Watch {
    /** A third of the time that each demand lasts, so that one may be lost. */
    static final Duration RENEW_EVERY = Inspect.ASKED.dividedBy(3);

    private static final Duration RETRY = Duration.ofSeconds(1);

    /** An owner that reports each second, and was not heard for so long, is gone. */
    private static final Duration SILENT = Duration.ofSeconds(5);

    final String key;
    final Generation gen;

    /** Looks that are open. */
    int open;

    private boolean isAsked;
    private long askedAt;
    private @Nullable SwarmReport report;
    private Instant reportedAt = Instant.EPOCH;
    private long receivedAt;

    Watch(String key, Generation gen) {
        this.key = key;
        this.gen = gen;
    }

    boolean mustAsk(long nanos) {
        return open > 0 && (!isAsked || nanos - askedAt >= RENEW_EVERY.toNanos());
    }

    void asked(long nanos) {
        isAsked = true;
        askedAt = nanos;
    }

    /** The demand was not published: the next one is due soon. */
    void askAgain(long nanos) {
        askedAt = nanos - RENEW_EVERY.minus(RETRY).toNanos();
    }

    /** Whether its last demand is in force. */
    boolean isInForce(long nanos) {
        return isAsked && nanos - askedAt < Inspect.ASKED.toNanos();
    }

    /** Returns when its last demand lapses. */
    long lapsesAt(long nanos) {
        return isAsked ? askedAt + Inspect.ASKED.toNanos() : nanos;
    }

    /**
     * Takes a report, unless it is of another generation or of a former owner. After a silence a lower epoch is taken too: a torrent that
     * was removed and added again within one generation has its owners counted from 1 again.
     *
     * @return whether it was taken
     */
    boolean reported(SwarmReport newer, Instant at, long nanos) {
        SwarmReport known = report;
        boolean isFormer = known != null && newer.epoch() < known.epoch() && nanos - receivedAt < SILENT.toNanos();
        if (!newer.gen().equals(gen) || isFormer) {
            return false;
        }
        report = newer;
        reportedAt = at;
        receivedAt = nanos;
        return true;
    }

    /** Returns the newest report; null if there is none. */
    SwarmLooks.@Nullable Seen seen(long nanos) {
        SwarmReport newest = report;
        return newest == null ? null : new SwarmLooks.Seen(newest, reportedAt, Duration.ofNanos(nanos - receivedAt));
    }
}
