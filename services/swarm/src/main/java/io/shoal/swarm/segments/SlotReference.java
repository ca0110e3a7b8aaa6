package io.shoal.swarm.segments;

import io.shoal.swarm.slots.Loan;

/**
 * A segment's slot, and how many reads and writes use it now: it is released when the segment is done with it
 * <em>and</em> no user is left, so that a late reader cannot see another torrent's bytes. Confined to the torrent's
 * loop.
 */
final class SlotReference {
    private final Loan loan;
    private int users;
    private boolean retired;

    SlotReference(Loan loan) {
        this.loan = loan;
    }

    Loan loan() {
        return loan;
    }

    /** Its number in the scratch file. */
    int number() {
        return loan.slot();
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
            loan.release();
        }
    }
}
