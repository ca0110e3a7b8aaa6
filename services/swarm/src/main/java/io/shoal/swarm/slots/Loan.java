package io.shoal.swarm.slots;

import java.util.concurrent.atomic.AtomicLong;

/**
 * One slot that is lent to a torrent, and the progress that it makes there.
 *
 * <p>A slot in which a segment is filled may be asked back: it is <em>draining</em>, no new piece begins in it, and it
 * is released when the open ones have ended. Fields without a note are guarded by the lock of {@link Slots}.
 */
public final class Loan {
    /** The time over which progress is averaged: a slow peer sends one block in many seconds. */
    private static final double AVERAGED_NANOS = 60e9;

    private enum Use {
        /** Bytes outside of what is stored, or spills that are loaded: it is released without being asked back. */
        TEMPORARY,
        FILLING,
        DRAINING,
        /** The full segment is being stored: it is released then. */
        STORING
    }

    private final Slots.Share share;
    private final int slot;
    private final AtomicLong received = new AtomicLong();
    private volatile Use use = Use.TEMPORARY;
    private volatile long drainingSince;
    private volatile long patience;

    private long turnBegan;
    private long grewAt;
    private long measured;
    private long measuredAt;
    private double rate;

    Loan(Slots.Share share, int slot, long now) {
        this.share = share;
        this.slot = slot;
        this.turnBegan = now;
        this.grewAt = now;
        this.measuredAt = now;
    }

    Slots.Share share() {
        return share;
    }

    /** Returns its number in the scratch file. */
    public int slot() {
        return slot;
    }

    /**
     * A segment is filled in the slot. Called once, by the torrent that has acquired it. It needs no lock: a temporary
     * slot is not asked back, so until now only this torrent changes its use.
     */
    public void fill() {
        use = Use.FILLING;
    }

    /** The full segment is being stored. */
    public void store() {
        synchronized (share.lock()) {
            endDraining();
            use = Use.STORING;
        }
    }

    /** Counts bytes of pieces that use the slot. Any thread. */
    public void received(int bytes) {
        received.addAndGet(bytes);
    }

    /** Whether no new piece may begin in the slot before {@link Slots.Share#keep} has allowed it. Any thread. */
    public boolean isDraining() {
        return use == Use.DRAINING;
    }

    /** Whether it has been draining for so long that open pieces must be dropped even if they make progress. */
    public boolean isOverdue(long now) {
        return isDraining() && now - drainingSince >= patience;
    }

    /** Releases the slot. */
    public void release() {
        share.release(this);
    }

    // ---- For the policy, under the lock

    boolean isFilling() {
        return use == Use.FILLING;
    }

    boolean isStoring() {
        return use == Use.STORING;
    }

    void measure(long now) {
        long bytes = received.get();
        long nanos = now - measuredAt;
        if (bytes > measured) {
            grewAt = now;
        }
        if (nanos > 0) {
            rate += ((bytes - measured) * 1e9 / nanos - rate) * -Math.expm1(-nanos / AVERAGED_NANOS);
            measured = bytes;
            measuredAt = now;
        }
    }

    /** Returns the bytes per second that it received lately. */
    double rate() {
        return rate;
    }

    /** Returns for how long it has been lent, or kept for another turn. */
    long turnNanos(long now) {
        return now - turnBegan;
    }

    /** Returns since when it has received nothing, as far as it was measured. */
    long idleNanos(long now) {
        return now - grewAt;
    }

    /** Asks for the slot; open pieces in it must end within {@code limit} nanoseconds. */
    void drain(long now, long limit) {
        patience = limit;
        drainingSince = now;
        use = Use.DRAINING;
        share.draining++;
        share.owner().draining++;
    }

    /** A torrent waits for it that is patient for no more than {@code limit} nanoseconds from now. */
    void hurry(long now, long limit) {
        if (limit == Long.MAX_VALUE) {
            return;
        }
        patience = Math.min(patience, Math.max(0, now - drainingSince) + limit);
    }

    long remainingPatience(long now) {
        return patience == Long.MAX_VALUE ? patience : patience - (now - drainingSince);
    }

    /** The torrent keeps it for another turn. */
    void keep(long now) {
        endDraining();
        turnBegan = now;
    }

    void endDraining() {
        if (use == Use.DRAINING) {
            use = Use.FILLING;
            share.draining--;
            share.owner().draining--;
        }
    }
}
