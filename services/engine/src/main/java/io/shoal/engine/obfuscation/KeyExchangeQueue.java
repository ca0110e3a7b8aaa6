package io.shoal.engine.obfuscation;

import io.shoal.engine.limits.EngineLimits;
import io.shoal.engine.net.Loop;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Does the arithmetic of key exchanges on the engine's workers, one after the other, so that a flood of handshakes keeps neither a loop nor more
 * than one worker busy. Incoming and outgoing ones take turns.
 *
 * <p>Invariant: at most one calculation runs or is handed to the workers, and at most {@link EngineLimits#KEY_EXCHANGES} wait in each
 * direction. Any thread.
 */
final class KeyExchangeQueue {
    private static final Logger LOG = LoggerFactory.getLogger(KeyExchangeQueue.class);

    private final Executor workers;
    private final Deque<Runnable> incoming = new ArrayDeque<>(); // guarded by this
    private final Deque<Runnable> outgoing = new ArrayDeque<>(); // guarded by this
    private boolean incomingIsNext; // guarded by this
    private boolean running; // guarded by this

    KeyExchangeQueue(Executor workers) {
        this.workers = workers;
    }

    /**
     * Calculates {@code work} on a worker, and passes its result to {@code done} on {@code loop}, null after a fault.
     *
     * @return false if too many wait already
     */
    <T> boolean submit(boolean isIncoming, Loop loop, Supplier<@Nullable T> work, Consumer<@Nullable T> done) {
        synchronized (this) {
            Deque<Runnable> queue = isIncoming ? incoming : outgoing;
            if (queue.size() >= EngineLimits.KEY_EXCHANGES) {
                return false;
            }
            queue.add(() -> {
                T result = calculate(work);
                loop.execute(() -> done.accept(result));
            });
            if (running) {
                return true;
            }
            running = true;
        }
        handOver();
        return true;
    }

    private static <T> @Nullable T calculate(Supplier<@Nullable T> work) {
        try {
            return work.get();
        } catch (Throwable e) {
            LOG.error("A fault of this engine ends a key exchange", e);
            return null;
        }
    }

    private void handOver() {
        try {
            workers.execute(this::runNext);
        } catch (RejectedExecutionException e) { // the engine is being closed, and all connections with it
            synchronized (this) {
                incoming.clear();
                outgoing.clear();
                running = false;
            }
        }
    }

    private void runNext() {
        Runnable task;
        synchronized (this) {
            task = next();
        }
        try {
            if (task != null) {
                task.run();
            }
        } catch (RejectedExecutionException e) {
            LOG.debug("The loop of a key exchange has ended", e);
        } finally {
            boolean more;
            synchronized (this) {
                more = !incoming.isEmpty() || !outgoing.isEmpty();
                running = more;
            }
            if (more) {
                handOver();
            }
        }
    }

    private @Nullable Runnable next() {
        incomingIsNext = !incomingIsNext;
        Runnable preferred = (incomingIsNext ? incoming : outgoing).poll();
        return preferred != null ? preferred : (incomingIsNext ? outgoing : incoming).poll();
    }
}
