package io.shoal.swarm.ownership;

import io.shoal.contracts.records.SliceRecord;
import java.util.concurrent.CompletableFuture;

/**
 * A slice that is worked on. Its methods are called on the ownership thread, do not block, and after one of the last three no
 * other is called but {@link #status}.
 */
public interface Slice {
    /** Something else is wanted now. */
    void want(SliceRecord newer);

    /** What is to be told of it: the newest, cheap to ask for. */
    SliceStatus status();

    /**
     * Another worker goes on, or this process ends: what is open is stored or spilled and peers are closed; trackers hear
     * nothing. Completes when all is safe.
     */
    CompletableFuture<Void> handOver();

    /** It is lost already: peers are closed at once, nothing more is written anywhere. */
    void drop();

    /** It is wanted no more: trackers are told {@code stopped}, and nothing more is written for its generation. */
    CompletableFuture<Void> end();
}
