package io.shoal.intake.fetches;

import io.shoal.intake.access.TenantPlaces;
import java.time.Duration;
import java.util.UUID;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/**
 * Bounds the fetches of each tenant and of the replica. A tenant's fetches wait for one another before they wait for the replica's
 * places, so a tenant whose servers are slow takes no more of those than it may use.
 */
final class FetchPlaces {
    private final TenantPlaces ofTenants;
    private final Semaphore ofReplica;
    private final long patienceMillis;

    /**
     * @param ofTenant places of each tenant
     * @param atOnce places of the replica
     * @param patience how long each of the two is waited for
     */
    FetchPlaces(int ofTenant, int atOnce, Duration patience) {
        this.ofTenants = new TenantPlaces(ofTenant);
        this.ofReplica = new Semaphore(atOnce, true);
        this.patienceMillis = patience.toMillis();
    }

    /**
     * Awaits a place, which the caller must release.
     *
     * @throws NoPlaceException if none became free in time
     */
    void take(UUID tenant) {
        boolean taken = false;
        try {
            if (ofTenants.tryTake(tenant, patienceMillis)) {
                try {
                    taken = ofReplica.tryAcquire(patienceMillis, TimeUnit.MILLISECONDS);
                } finally {
                    if (!taken) {
                        ofTenants.release(tenant);
                    }
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        if (!taken) {
            throw new NoPlaceException();
        }
    }

    /** Gives a place back that was taken. */
    void release(UUID tenant) {
        ofReplica.release();
        ofTenants.release(tenant);
    }
}
