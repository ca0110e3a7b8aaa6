package io.shoal.intake.torrents;

import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * How often a tenant's request is passed to the fleet: each makes a record, and work for a worker and a store or a tracker. Requests in
 * between are answered by the one before.
 */
public final class Requests {
    /** The least time between two. */
    public static final Duration PAUSE = Duration.ofMinutes(1);

    private Requests() {}

    /** Returns whether a request may be passed on; {@code last} is when one was. */
    public static boolean mayFollow(@Nullable Instant last, Instant now) {
        return last == null || !last.plus(PAUSE).isAfter(now);
    }
}
