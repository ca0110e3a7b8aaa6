package io.shoal.swarm.segments;

import io.shoal.engine.net.Loop;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Supplier;

/**
 * Lets a bounded number of asynchronous calls run at once; the others wait, first come, first served. A waiting call
 * costs one object and no thread.
 *
 * <p>Invariant: a permit is held from the start of a call until its future has completed, however it completes.
 * Confined to the loop.
 */
public final class CallPermits {
    private final Loop loop;
    private final int count;
    private final Queue<Runnable> waiting = new ArrayDeque<>();
    private int held;

    CallPermits(Loop loop, int count) {
        this.loop = loop;
        this.count = count;
    }

    /**
     * Starts {@code call} now, or as soon as it is its turn. The returned future completes on the loop, when the permit
     * is released.
     */
    public <T> CompletableFuture<T> run(Supplier<CompletableFuture<T>> call) {
        CompletableFuture<T> answer = new CompletableFuture<>();
        if (held < count) {
            held++;
            start(call, answer);
        } else {
            waiting.add(() -> start(call, answer));
        }
        return answer;
    }

    private <T> void start(Supplier<CompletableFuture<T>> call, CompletableFuture<T> answer) {
        CompletableFuture<T> running;
        try {
            running = call.get();
        } catch (Throwable e) { // a fault of ours must release the permit too
            running = CompletableFuture.failedFuture(e);
        }
        var _ = running.whenComplete((result, failure) -> loop.execute(() -> {
            release();
            if (failure == null) {
                answer.complete(result);
            } else {
                answer.completeExceptionally(cause(failure));
            }
        }));
    }

    /** Returns what has failed, without the wrapping that dependent futures add. */
    static Throwable cause(Throwable failure) {
        Throwable cause = failure.getCause();
        return failure instanceof CompletionException && cause != null ? cause(cause) : failure;
    }

    private void release() {
        Runnable next = waiting.poll();
        if (next == null) {
            held--;
        } else {
            next.run();
        }
    }

    /** Returns the number of calls that run or wait. */
    int pending() {
        return held + waiting.size();
    }
}
