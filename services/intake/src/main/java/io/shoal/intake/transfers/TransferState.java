package io.shoal.intake.transfers;

import io.shoal.contracts.records.StatusRecord;

/**
 * The states of a transfer. Wishes move it by themselves, at once ({@link Transfer}); what the fleet reports moves it along
 * {@code QUEUED}, {@code DOWNLOADING}, {@code SEEDING}, and its goal from there to {@code DONE}.
 */
public enum TransferState {
    /** A magnet whose metadata is being looked for. */
    RESOLVING,
    /** The tenant's other downloads hold all slots, or no worker has reported about the newest wish yet. */
    QUEUED,
    /** Something wanted is not stored yet. */
    DOWNLOADING,
    /** All that is wanted is stored and offered to the swarm. */
    SEEDING,
    /** All that is wanted is stored, and the seeding goal is met. */
    DONE,
    /** Stopped by the tenant. */
    PAUSED,
    /** Kept from running by the platform, for a {@link Block reason}. Counts in no merged wish. */
    BLOCKED,
    /** Given up, for a {@link Failure reason}. */
    FAILED;

    /** Returns whether the fleet works on a transfer in this state, or is about to. */
    public boolean isWorkedOn() {
        return switch (this) {
            case RESOLVING, QUEUED, DOWNLOADING, SEEDING -> true;
            case DONE, PAUSED, BLOCKED, FAILED -> false;
        };
    }

    /** Returns whether all that a transfer in this state wants is stored. */
    boolean isComplete() {
        return this == SEEDING || this == DONE;
    }

    /**
     * The state after the owner of its slice has reported {@code observed} about the newest wish. A worker that starts, or
     * that has stopped because it goes away, changes nothing: its successor continues.
     */
    TransferState after(StatusRecord.State observed) {
        return switch (this) {
            case RESOLVING, DONE, PAUSED, BLOCKED, FAILED -> this;
            case QUEUED, DOWNLOADING, SEEDING ->
                switch (observed) {
                    case DOWNLOADING -> DOWNLOADING;
                    case SEEDING -> SEEDING;
                    case STARTING, STOPPED, RESOLVING, RESOLVED, FAILED -> this;
                };
        };
    }
}
