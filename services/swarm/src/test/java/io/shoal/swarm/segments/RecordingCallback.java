package io.shoal.swarm.segments;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;

/** Records the result of a call to the store. */
final class RecordingCallback implements StoreCalls.Callback<Integer> {
    /** The answer, the failure, or that it ended without either. */
    final CompletableFuture<Integer> done = new CompletableFuture<>();

    /** How often it was told that the store does not answer. */
    final AtomicInteger delays = new AtomicInteger();

    @Override
    public void done(Integer answer) {
        done.complete(answer);
    }

    @Override
    public void failed(Throwable cause) {
        done.completeExceptionally(cause);
    }

    @Override
    public void delayed() {
        delays.incrementAndGet();
    }

    @Override
    public void ended() {
        done.completeExceptionally(new IllegalStateException("nobody was told"));
    }
}
