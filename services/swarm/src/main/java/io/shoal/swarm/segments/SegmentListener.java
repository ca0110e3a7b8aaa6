package io.shoal.swarm.segments;

/** What the owner of a {@link SegmentStore} hears, on the torrent's loop. Must not block. */
public interface SegmentListener {
    /** The store has acknowledged {@code segment}. */
    void stored(int segment);

    /** Pieces went that were kept; what is wanted of the swarm must be computed anew. */
    void lost();
}
