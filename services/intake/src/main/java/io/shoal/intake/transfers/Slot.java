package io.shoal.intake.transfers;

import jakarta.persistence.Column;
import jakarta.persistence.Embeddable;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** A transfer's place among the active downloads of its tenant: held, waited for, or not needed. */
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

    /** The transfer may download; its torrent has received {@code downSoFar} bytes by now. */
    public void grant(long downSoFar, Instant now) {
        held = true;
        queuedSince = null;
        progressedAt = now;
        down = downSoFar;
    }

    /** The transfer waits until others leave a slot. Its place in the queue is kept if it waits already. */
    void await(Instant now) {
        held = false;
        queuedSince = queuedSince == null ? now : queuedSince;
        progressedAt = null;
    }

    /** The transfer needs none. */
    void release() {
        held = false;
        queuedSince = null;
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
}
