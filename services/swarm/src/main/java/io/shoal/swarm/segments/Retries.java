package io.shoal.swarm.segments;

import io.shoal.engine.net.Loop;
import io.shoal.objectstore.StoreUnavailableException;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Repeats calls until the store answers, each after a random and growing delay. The first call that finds the store
 * available again wakes all that wait, spread over the shortest delay.
 *
 * <p>Confined to the loop, except {@link #start} and {@link StoreCalls.RetryingCall#cancel}.
 */
final class Retries {
    private static final Logger LOG = LoggerFactory.getLogger(Retries.class);

    private final Loop loop;
    private final StoreCalls.Backoff backoff;
    private final StoreCounters counters;
    private final RandomGenerator random;
    private final Set<Call<?>> waiting = new LinkedHashSet<>();

    Retries(Loop loop, StoreCalls.Backoff backoff, StoreCounters counters, RandomGenerator random) {
        this.loop = loop;
        this.backoff = backoff;
        this.counters = counters;
        this.random = random;
    }

    /** @param permits of which each attempt takes one; null if attempts are not bounded */
    <T> StoreCalls.RetryingCall start(
            @Nullable CallPermits permits,
            StoreCalls.Attempt<T> attempt,
            Executor then,
            StoreCalls.Callback<T> callback) {
        Call<T> call = new Call<>(permits, attempt, then, callback);
        loop.execute(call::attempt);
        return call;
    }

    /** Returns the number of calls that wait for the store. */
    int waiting() {
        return waiting.size();
    }

    private Duration randomDelay(Duration least, Duration most) {
        return Duration.ofNanos(random.nextLong(least.toNanos(), most.toNanos() + 1));
    }

    private final class Call<T> implements StoreCalls.RetryingCall {
        private final @Nullable CallPermits permits;
        private final StoreCalls.Attempt<T> attempt;
        private final Executor then;
        private final StoreCalls.Callback<T> callback;
        private volatile boolean cancelled;
        private Duration delay = backoff.first();
        private boolean failed;
        private Loop.@Nullable Timer timer;
        private boolean woken;

        Call(
                @Nullable CallPermits permits,
                StoreCalls.Attempt<T> attempt,
                Executor then,
                StoreCalls.Callback<T> callback) {
            this.permits = permits;
            this.attempt = attempt;
            this.then = then;
            this.callback = callback;
        }

        @Override
        public void cancel() {
            cancelled = true;
            loop.execute(() -> {
                if (waiting.remove(this)) {
                    cancelTimer();
                    end();
                }
            });
        }

        void attempt() {
            CompletableFuture<T> answer =
                    permits == null ? attemptUnlessCancelled() : permits.run(this::attemptUnlessCancelled);
            var _ = answer.whenComplete((result, failure) ->
                    loop.execute(() -> attempted(result, failure == null ? null : CallPermits.cause(failure))));
        }

        private CompletableFuture<T> attemptUnlessCancelled() {
            if (cancelled) {
                return CompletableFuture.failedFuture(new StoreUnavailableException("cancelled", null));
            }
            try {
                return attempt.start();
            } catch (Throwable e) { // a fault of ours must be reported too
                return CompletableFuture.failedFuture(e);
            }
        }

        private void attempted(T result, @Nullable Throwable failure) {
            if (failure == null) {
                if (failed) {
                    List.copyOf(waiting).forEach(Call::wake);
                }
                then.execute(() -> unlessCancelled(() -> callback.done(result)));
                end();
            } else if (cancelled) {
                end();
            } else if (failure instanceof StoreUnavailableException
                    || failure instanceof OutOfMemoryError) { // memory that is short now comes back, as the store does
                retry(failure);
            } else {
                then.execute(() -> unlessCancelled(() -> callback.failed(failure)));
                end();
            }
        }

        private void retry(Throwable failure) {
            if (failure instanceof OutOfMemoryError) {
                LOG.error("Out of memory for a call to the store, which is repeated", failure);
            }
            counters.failures.increment();
            if (!failed) {
                then.execute(() -> unlessCancelled(callback::delayed));
            }
            failed = true;
            woken = false;
            waiting.add(this);
            attemptAfter(randomDelay(delay.dividedBy(2), delay));
            Duration doubled = delay.multipliedBy(2);
            delay = doubled.compareTo(backoff.longest()) > 0 ? backoff.longest() : doubled;
        }

        private void attemptAfter(Duration wait) {
            timer = loop.schedule(wait, () -> {
                if (waiting.remove(this)) {
                    attempt();
                }
            });
        }

        private void wake() {
            if (!woken) {
                woken = true;
                cancelTimer();
                delay = backoff.first();
                attemptAfter(randomDelay(Duration.ZERO, backoff.first())); // spread out, not all at once
            }
        }

        private void cancelTimer() {
            if (timer != null) {
                timer.cancel();
            }
        }

        private void unlessCancelled(Runnable task) {
            if (!cancelled) {
                task.run();
            }
        }

        private void end() {
            then.execute(callback::ended);
        }
    }
}
