package io.shoal.intake.api;

import io.shoal.bittorrent.bencode.PagedBytes;
import io.shoal.intake.access.TenantPlaces;
import java.time.Duration;
import java.util.UUID;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Bounds the heap that large request bodies use. A body of up to 1 MiB needs no permit. A larger one takes one for each page
 * of 64 KiB when its bytes arrive, never for a length that is only announced; and a tenant can send few of them at the same time.
 *
 * <p>All permits of a body are released when it is closed. Waiting for a permit times out, so bodies that wait for each other cannot
 * deadlock.
 */
final class BodyBudget {
    /** Bytes that a body may have without holding a permit. */
    static final int SMALL = 1 << 20;

    private final int pages;
    private final Semaphore free;
    private final TenantPlaces places;
    private final long patienceMillis;

    /**
     * @param bytes of all large bodies together
     * @param bodiesOfTenant large bodies that one tenant may send at one time
     * @param patience how long a permit is waited for
     */
    BodyBudget(long bytes, int bodiesOfTenant, Duration patience) {
        this.pages = (int) Math.max(SMALL / PagedBytes.PAGE, bytes / PagedBytes.PAGE);
        this.free = new Semaphore(pages, true);
        this.places = new TenantPlaces(bodiesOfTenant);
        this.patienceMillis = patience.toMillis();
    }

    /** Bytes of the largest body that fits. */
    int capacity() {
        return (int) Math.min(Integer.MAX_VALUE, (long) pages * PagedBytes.PAGE);
    }

    /** The permits that one body holds until it is closed. Used by one thread. */
    final class Body implements AutoCloseable {
        private final @Nullable UUID tenant;
        private boolean placed;
        private int held;

        private Body(@Nullable UUID tenant) {
            this.tenant = tenant;
        }

        /** Awaits the permits for {@code count} pages, before the last of them is filled. */
        void use(int count) {
            if (placed || (long) count * PagedBytes.PAGE > SMALL) {
                takePlace();
                takePages(count - held);
                held = count;
            }
        }

        /** Awaits a place for a body that is known to be large before its bytes arrive. */
        void announceLarge() {
            takePlace();
        }

        private void takePlace() {
            if (placed || tenant == null) {
                placed = true;
                return;
            }
            try {
                if (!places.tryTake(tenant, patienceMillis)) {
                    throw ProblemException.of(ProblemKind.BUSY);
                }
                placed = true;
            } catch (InterruptedException e) {
                throw interrupted();
            }
        }

        @Override
        public void close() {
            free.release(held);
            held = 0;
            if (placed && tenant != null) {
                places.release(tenant);
            }
            placed = false;
        }
    }

    /** Returns the permits of a body that begins to arrive; the operator's if {@code tenant} is null. */
    Body open(@Nullable UUID tenant) {
        return new Body(tenant);
    }

    private void takePages(int count) {
        try {
            if (!free.tryAcquire(count, patienceMillis, TimeUnit.MILLISECONDS)) {
                throw ProblemException.of(ProblemKind.BUSY);
            }
        } catch (InterruptedException e) {
            throw interrupted();
        }
    }

    private static ProblemException interrupted() {
        Thread.currentThread().interrupt();
        return ProblemException.of(ProblemKind.BUSY);
    }
}
