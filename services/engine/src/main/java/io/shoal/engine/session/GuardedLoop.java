package io.shoal.engine.session;

import io.shoal.engine.net.Loop;
import java.time.Duration;
import java.util.function.Consumer;

/**
 * A loop whose tasks are guarded: whatever a task throws is a fault of ours, and is passed on with its cause instead of silently
 * ending the one task.
 */
record GuardedLoop(Loop loop, Consumer<Throwable> onFailure) implements Loop {
    @Override
    public void execute(Runnable task) {
        loop.execute(() -> run(task));
    }

    @Override
    public Timer schedule(Duration delay, Runnable task) {
        return loop.schedule(delay, () -> run(task));
    }

    void run(Runnable task) {
        try {
            task.run();
        } catch (Throwable e) {
            onFailure.accept(e);
        }
    }

    @Override
    public boolean isCurrent() {
        return loop.isCurrent();
    }

    @Override
    public long nanoTime() {
        return loop.nanoTime();
    }

    @Override
    public long epochMillis() {
        return loop.epochMillis();
    }
}
