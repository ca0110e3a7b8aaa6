package io.shoal.intake.access;

import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/**
 * Bounds how many times each tenant does the same thing at one time. The places of a tenant are kept only while it has or awaits
 * one, so memory follows the requests in flight.
 */
public final class TenantPlaces {
    private final int each;
    private final Map<UUID, Places> places = new ConcurrentHashMap<>();

    /** @param each places of every tenant */
    public TenantPlaces(int each) {
        this.each = each;
    }

    /** The places of one tenant. */
    private static final class Places {
        final Semaphore free;
        int users;

        Places(int count) {
            free = new Semaphore(count, true);
        }
    }

    /** Awaits a place. Returns false if none became free in time; else the caller must release it. */
    public boolean tryTake(UUID tenant, long millis) throws InterruptedException {
        Places mine = places.compute(tenant, (id, known) -> {
            Places tenants = known == null ? new Places(each) : known;
            tenants.users++;
            return tenants;
        });
        boolean taken = false;
        try {
            taken = mine.free.tryAcquire(millis, TimeUnit.MILLISECONDS);
        } finally {
            if (!taken) {
                leave(tenant);
            }
        }
        return taken;
    }

    /** Gives a place back that was taken. */
    public void release(UUID tenant) {
        places.computeIfPresent(tenant, (id, mine) -> {
            mine.free.release();
            return mine;
        });
        leave(tenant);
    }

    private void leave(UUID tenant) {
        places.computeIfPresent(tenant, (id, mine) -> --mine.users == 0 ? null : mine);
    }
}
