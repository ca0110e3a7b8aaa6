package io.shoal.engine.session;

import io.shoal.engine.net.Loop;
import java.time.Duration;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/** Runs a torrent's regular task: each second, and less often while it has nothing to do but to notice when to dial. */
final class SessionTicker {
    private static final Duration TICK = Duration.ofSeconds(1);
    private static final Duration IDLE_TICK = Duration.ofSeconds(5);

    private final GuardedLoop loop;
    private final Runnable task;
    private final BooleanSupplier isIdle;
    private Loop.@Nullable Timer timer;
    private boolean stopped;

    SessionTicker(GuardedLoop loop, Runnable task, BooleanSupplier isIdle) {
        this.loop = loop;
        this.task = task;
        this.isIdle = isIdle;
    }

    /** Runs the task now, and then regularly. */
    void start() {
        task.run();
        if (!stopped) { // the task may have ended the torrent
            timer = loop.schedule(isIdle.getAsBoolean() ? IDLE_TICK : TICK, this::start);
        }
    }

    /** The torrent is not idle any more. */
    void wake() {
        if (timer != null && !stopped) {
            timer.cancel();
            timer = loop.schedule(TICK, this::start);
        }
    }

    void stop() {
        stopped = true;
        if (timer != null) {
            timer.cancel();
        }
    }
}
