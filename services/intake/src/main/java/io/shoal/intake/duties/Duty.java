package io.shoal.intake.duties;

/** Work that two replicas must not do at the same time. */
public enum Duty {
    /** Publishing dirty keys: two relays could publish an older state after a newer one. */
    RELAY(1),
    /** Removing torrents whose grace is over. */
    ENDING_GRACE(3),
    /** Giving up magnets whose metadata was not found in time. */
    GIVING_UP(4),
    /** Deleting passkeys that were revoked long ago. */
    FORGETTING_PASSKEYS(5),
    /** Adding up the accounting of sessions that are over. */
    ADDING_UP(6),
    /** Removing what deleted tenants had. */
    REMOVING_TENANTS(7),
    /** Deleting rules for tenants that are gone. */
    FORGETTING_RULES(8),
    /** Deleting audit entries whose retention is over. */
    EXPIRING_AUDIT(9),
    /** Blocking and unblocking the transfers of tenants that were suspended or resumed. */
    SUSPENDING(20),
    /** Blocking the transfers of torrents that were denied, and ending these torrents' generations. */
    DENYING(21),
    /** Serving transfers that wait for a download slot or for their tenant's quota. */
    SERVING_QUOTAS(22),
    /** Deleting resolved metadata that no transfer needs. */
    SWEEPING_METADATA(23),
    /** Sharing the rates of tenants among their torrents. */
    SHARING_RATES(24),
    /** Deleting removals that no client can ask for any more. */
    FORGETTING_REMOVALS(25),
    /** Releasing the transfers of deleted categories. */
    RELEASING_CATEGORIES(30),
    /** Ending the seeding of transfers that have met a goal of time. */
    ENDING_SEEDING(31),
    /** Deleting sessions that have ended. */
    EXPIRING_SESSIONS(32);

    private final long lock;

    Duty(long lock) {
        this.lock = lock;
    }

    /** The number of its advisory lock in the database. */
    long lock() {
        return lock;
    }
}
