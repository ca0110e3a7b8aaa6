package io.shoal.swarm.segments;

import io.shoal.swarm.scratch.Slots;

/**
 * A slot that a segment has, and how many read or write it now: it is given back when the segment is done with it <em>and</em>
 * nobody uses it, so that no late reader sees another torrent's bytes. Confined to the torrent's loop.
 */
final class SlotReference {
    private final Slots.Share share;
    private final int number;
    private int users;
    private boolean retired;

    SlotReference(Slots.Share share, int number) {
        this.share = share;
        this.number = number;
    }

    /** Its number in the scratch file. */
    int number() {
        return number;
    }

    /** One more uses it, until {@link #release}. */
    void retain() {
        users++;
    }

    void release() {
        users--;
        releaseIfUnused();
    }

    /** The segment is done with it; called once. */
    void retire() {
        retired = true;
        releaseIfUnused();
    }

    /** Whether nobody uses it. */
    boolean isUnused() {
        return users == 0;
    }

    private void releaseIfUnused() {
        if (retired && users == 0) {
            share.release(number);
        }
    }
}
