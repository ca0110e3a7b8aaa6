package io.shoal.swarm.ownership;

import io.shoal.contracts.records.SliceRecord;
import java.util.concurrent.CompletableFuture;

/**
 * A running slice. Its methods are called on the ownership thread and must not block. After one of the last three, only
 * {@link #status} and {@link #figures} are called.
 */
public interface Slice {
    /** The wanted record has changed. */
    void want(SliceRecord newer);

    /**
     * Returns a number that grows with each change of its status that must be published soon. Other changes, such as
     * those of trackers, are noticed when the status is next observed.
     */
    long changes();

    /** Returns the newest status. */
    SliceStatus status();

    /** Returns a number that changes when payload is received or sent; cheap. */
    long payload();

    /** Returns the newest figures. */
    SliceFigures figures();

    /** Returns its swarm as it is now, once it has been looked at. Called only while a user looks at it. */
    default CompletableFuture<SwarmView> inspect() {
        return CompletableFuture.completedFuture(SwarmView.NONE);
    }

    /**
     * Another worker takes over, or this process ends: what is open is stored or spilled and peers are closed; nothing
     * is announced to trackers. Completes when all is safe.
     */
    CompletableFuture<Void> handOver();

    /** The slice is lost already: peers are closed at once, and nothing more is written. */
    void drop();

    /**
     * The slice is not wanted any more: {@code stopped} is announced to trackers, and nothing more is written for its
     * generation.
     */
    CompletableFuture<Void> end();
}
