package io.shoal.tracker.members;

import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/** The bound on peers of private swarms: one tenant never takes more than half of it, so that others find room. Thread-safe. */
final class PeerQuota {
    private final int all;
    private final AtomicInteger taken = new AtomicInteger();
    private final Map<UUID, AtomicInteger> takenByTenant = new ConcurrentHashMap<>();

    /** @param all peers, at least 1 */
    PeerQuota(int all) {
        this.all = all;
    }

    /** Whether there was room for one more of {@code tenant}, which is taken then. */
    boolean take(UUID tenant) {
        AtomicInteger own = takenByTenant.computeIfAbsent(tenant, t -> new AtomicInteger());
        if (own.incrementAndGet() > (all + 1) / 2) {
            own.decrementAndGet();
            return false;
        }
        if (taken.incrementAndGet() > all) {
            taken.decrementAndGet();
            own.decrementAndGet();
            return false;
        }
        return true;
    }

    /** One of {@code tenant} has gone. */
    void giveBack(UUID tenant) {
        taken.decrementAndGet();
        AtomicInteger own = takenByTenant.get(tenant);
        if (own != null) {
            own.decrementAndGet();
        }
    }

    int taken() {
        return taken.get();
    }
}
