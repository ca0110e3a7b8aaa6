package io.shoal.swarm.segments;

/** Notifies the owner of a {@link SegmentStore}, on the torrent's loop. Must not block. */
public interface SegmentListener {
    /** The store has acknowledged {@code segment}. */
    void stored(int segment);

    /** Kept pieces were lost; what must be downloaded has to be computed again. */
    void lost();
}
