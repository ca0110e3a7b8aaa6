package io.shoal.intake.transfers;

import io.shoal.contracts.records.StatusRecord;
import jakarta.persistence.Column;
import jakarta.persistence.Embeddable;
import jakarta.persistence.EnumType;
import jakarta.persistence.Enumerated;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Why a transfer does not go on: the platform blocks it, its search was given up, or the fleet reports a stall. A denial is shown before a
 * suspension and outlasts it.
 */
@Embeddable
public class Hindrances {
    @Column(name = "blocked")
    @Enumerated(EnumType.STRING)
    private @Nullable Block blocked;

    @Column(name = "suspended")
    private boolean suspended;

    @Column(name = "needed_bytes")
    private long neededBytes;

    @Column(name = "failure")
    @Enumerated(EnumType.STRING)
    private @Nullable Failure failure;

    @Column(name = "stalled")
    @Enumerated(EnumType.STRING)
    private StatusRecord.@Nullable Reason stalled;

    @Column(name = "stalled_since")
    private @Nullable Instant stalledSince;

    /** For Hibernate. */
    protected Hindrances() {}

    /** The transfer is neither denied, nor over the quota, nor given up; its tenant may still be suspended. */
    void lift() {
        blocked = null;
        failure = null;
    }

    void fail(Failure reason) {
        blocked = null;
        failure = reason;
    }

    void deny() {
        blocked = Block.DENIED;
    }

    /** Ends a denial. */
    void start() {
        blocked = null;
    }

    void exceedQuota(long bytes) {
        blocked = Block.QUOTA;
        neededBytes = bytes;
    }

    /** What it needs of the quota has to be reckoned anew. */
    void forgetNeed() {
        neededBytes = 0;
    }

    void suspend(boolean suspend) {
        suspended = suspend;
    }

    /** The fleet reports why it makes no progress; null: it does. A stall keeps its beginning. */
    void stall(StatusRecord.@Nullable Reason reason, Instant now) {
        if (reason != stalled) {
            stalled = reason;
            stalledSince = reason == null ? null : now;
        }
    }

    void clearStall() {
        stalled = null;
        stalledSince = null;
    }

    /** Returns why it is blocked; null if it is not. */
    public @Nullable Block block() {
        if (blocked == Block.DENIED) {
            return blocked;
        }
        return suspended ? Block.SUSPENDED : blocked;
    }

    /** Returns whether it is neither blocked by a denial nor by the quota. */
    boolean isAllowed() {
        return blocked == null;
    }

    /** Returns whether it was blocked by a denial, and was not started since. */
    public boolean isDenied() {
        return blocked == Block.DENIED;
    }

    /** Returns whether it waits until the tenant may store its files. */
    public boolean isOverQuota() {
        return blocked == Block.QUOTA;
    }

    /** Returns why its search was given up; null if it was not. */
    public @Nullable Failure failure() {
        return failure;
    }

    /** Returns why it makes no progress; null while it does. */
    public StatusRecord.@Nullable Reason stalled() {
        return stalled;
    }

    public @Nullable Instant stalledSince() {
        return stalledSince;
    }
}
