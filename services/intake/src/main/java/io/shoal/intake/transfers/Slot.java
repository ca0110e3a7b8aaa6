package io.shoal.intake.transfers;

import jakarta.persistence.Column;
import jakarta.persistence.Embeddable;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** A transfer's place among the active downloads of its tenant: held, waited for, or not needed. */
@Embeddable
class Slot {
    @Column(name = "slot")
    private boolean held;

    @Column(name = "queued_since")
    private @Nullable Instant queuedSince;

    @Column(name = "slot_at")
    private @Nullable Instant progressedAt;

    @Column(name = "slot_down")
    private long down;

    /** The transfer may download; its torrent has received {@code downSoFar} bytes by now. */
    void grant(long downSoFar, Instant now) {
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

    boolean isHeld() {
        return held;
    }

    @Nullable
    Instant queuedSince() {
        return queuedSince;
    }

    /** When its holder last made progress, as far as that was noted; null while none is held. */
    @Nullable
    Instant progressedAt() {
        return progressedAt;
    }
}
