package io.shoal.intake.transfers;

import jakarta.persistence.Column;
import jakarta.persistence.Embeddable;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A transfer's place among the active downloads of its tenant: held, waited for, or not needed. The rank is its place in the queue; it is
 * given once, and changed by moves in the queue only, which write it with statements of many rows.
 */
@Embeddable
public class Slot {
    @Column(name = "slot")
    private boolean held;

    @Column(name = "queued_since")
    private @Nullable Instant queuedSince;

    @Column(name = "slot_at")
    private @Nullable Instant progressedAt;

    @Column(name = "slot_down")
    private long down;

    @Column(name = "queue_rank", updatable = false)
    private long rank;

    @Column(name = "yielded_at")
    private @Nullable Instant yieldedAt;

    /** The transfer is added to the queue, at this place. */
    void rank(long given) {
        rank = given;
    }

    /** The transfer may download; its torrent has received {@code downSoFar} bytes by now. */
    void grant(long downSoFar, Instant now) {
        held = true;
        queuedSince = null;
        yieldedAt = null;
        progressedAt = now;
        down = downSoFar;
    }

    /** The transfer waits until others leave a slot. It waits since when it began to, if it waits already. */
    void await(Instant now) {
        held = false;
        queuedSince = queuedSince == null ? now : queuedSince;
        progressedAt = null;
    }

    /** The transfer waits, and those that have not had their turn come first. */
    void leave(Instant now) {
        await(now);
        yieldedAt = now;
    }

    /** The transfer needs none. */
    void release() {
        held = false;
        queuedSince = null;
        yieldedAt = null;
        progressedAt = null;
    }

    public boolean isHeld() {
        return held;
    }

    public boolean isAwaited() {
        return queuedSince != null;
    }

    /** Returns since when the transfer waits for one; null if it does not. */
    public @Nullable Instant queuedSince() {
        return queuedSince;
    }

    /** Returns its place in the queue: only the order of ranks means something. */
    public long rank() {
        return rank;
    }

    /** Returns when its slot was taken for want of progress; null since it was given another, or was moved. */
    public @Nullable Instant yieldedAt() {
        return yieldedAt;
    }
}
