package io.shoal.engine.net;

import java.time.Duration;
import java.util.Comparator;
import java.util.PriorityQueue;

/** A loop whose clock advances only when the test advances it. */
public final class ManualLoop implements Loop {
    private static final long EPOCH_MILLIS = 1_800_000_000_000L;

    private static final class Task {
        final long due;
        final long number;
        final Runnable run;
        boolean cancelled;

        Task(long due, long number, Runnable run) {
            this.due = due;
            this.number = number;
            this.run = run;
        }
    }

    private final PriorityQueue<Task> tasks = new PriorityQueue<>(
            Comparator.<Task>comparingLong(task -> task.due).thenComparingLong(task -> task.number));
    private long now = -Duration.ofHours(3).toNanos();
    private final long begin = now;
    private long number;

    /** Goes on by {@code duration}, running what falls due on the way. */
    public void turn(Duration duration) {
        long to = now + duration.toNanos();
        for (Task next = tasks.peek(); next != null && next.due <= to; next = tasks.peek()) {
            tasks.remove();
            now = Math.max(now, next.due);
            if (!next.cancelled) {
                next.run.run();
            }
        }
        now = to;
    }

    /** Time since the beginning. */
    public Duration now() {
        return Duration.ofNanos(now - begin);
    }

    @Override
    public void execute(Runnable task) {
        schedule(Duration.ZERO, task);
    }

    @Override
    public Timer schedule(Duration delay, Runnable task) {
        Task added = new Task(now + delay.toNanos(), number++, task);
        tasks.add(added);
        return () -> added.cancelled = true;
    }

    @Override
    public boolean isCurrent() {
        return true;
    }

    @Override
    public long nanoTime() {
        return now;
    }

    @Override
    public long epochMillis() {
        return EPOCH_MILLIS + now().toMillis();
    }
}
