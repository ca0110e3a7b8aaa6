package io.shoal.swarm.segments;

import io.shoal.swarm.scratch.Slots;

/**
 * A segment's slot, and how many reads and writes use it now: it is released when the segment is done with it
 * <em>and</em> no user is left, so that a late reader cannot see another torrent's bytes. Confined to the torrent's
 * loop.
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

    /** Adds a user, until {@link #release}. */
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

    /** Whether the slot has no user. */
    boolean isUnused() {
        return users == 0;
    }

    private void releaseIfUnused() {
        if (retired && users == 0) {
            share.release(number);
        }
    }
}
