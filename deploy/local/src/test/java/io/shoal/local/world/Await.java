package io.shoal.local.world;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/** Waits for a condition, and says what was seen last when it does not come true. */
public final class Await {
    private static final Duration PACE = Duration.ofMillis(100);

    private Await() {}

    /** A question that may fail for reasons of its own. */
    public interface Condition {
        boolean holds() throws Exception;
    }

    /** Returns when {@code condition} holds; an {@link AssertionError} naming {@code what} after {@code limit}. */
    public static void until(String what, Duration limit, Condition condition, Supplier<Object> seen) throws Exception {
        long deadline = System.nanoTime() + limit.toNanos();
        while (!condition.holds()) {
            if (System.nanoTime() > deadline) {
                throw new AssertionError(
                        "not after %d s: %s; last seen: %s".formatted(limit.toSeconds(), what, seen.get()));
            }
            TimeUnit.NANOSECONDS.sleep(PACE.toNanos());
        }
    }

    /** As the other one, where there is nothing to show. */
    public static void until(String what, Duration limit, Condition condition) throws Exception {
        until(what, limit, condition, () -> "nothing");
    }
}
