package io.shoal.swarm.ownership;

/** Up to where the past of the owned partitions has been read. */
interface PastReader {
    /** Returns up to where {@code partition} of {@code slices} has been read. */
    long slicesPosition(int partition);

    /** Returns up to where {@code partition} of {@code status} has been read. */
    long statusPosition(int partition);

    /** Whether the past of {@code progress} of {@code partition} has been read, or cannot be. */
    boolean isProgressRead(int partition);
}
