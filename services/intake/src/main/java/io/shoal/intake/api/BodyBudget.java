package io.shoal.intake.api;

import io.shoal.bittorrent.bencode.PagedBytes;
import java.time.Duration;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
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
    private final int bodiesOfTenant;
    private final long patienceMillis;
    private final Map<UUID, Places> places = new ConcurrentHashMap<>();

    /**
     * @param bytes of all large bodies together
     * @param bodiesOfTenant large bodies that one tenant may send at one time
     * @param patience how long a permit is waited for
     */
    BodyBudget(long bytes, int bodiesOfTenant, Duration patience) {
        this.pages = (int) Math.max(SMALL / PagedBytes.PAGE, bytes / PagedBytes.PAGE);
        this.free = new Semaphore(pages, true);
        this.bodiesOfTenant = bodiesOfTenant;
        this.patienceMillis = patience.toMillis();
    }

    /** Bytes of the largest body that fits. */
    int capacity() {
        return (int) Math.min(Integer.MAX_VALUE, (long) pages * PagedBytes.PAGE);
    }

    /** The places of one tenant; kept while one of its bodies has or awaits a place. */
    private static final class Places {
        final Semaphore free;
        int users;

        Places(int count) {
            free = new Semaphore(count, true);
        }
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
                await(free, count - held);
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
            Places mine = places.compute(tenant, (id, known) -> {
                Places tenants = known == null ? new Places(bodiesOfTenant) : known;
                tenants.users++;
                return tenants;
            });
            try {
                await(mine.free, 1);
                placed = true;
            } finally {
                if (!placed) {
                    leave(tenant);
                }
            }
        }

        @Override
        public void close() {
            free.release(held);
            held = 0;
            if (placed && tenant != null) {
                places.computeIfPresent(tenant, (id, mine) -> {
                    mine.free.release();
                    return mine;
                });
                leave(tenant);
            }
            placed = false;
        }
    }

    private void leave(UUID tenant) {
        places.computeIfPresent(tenant, (id, mine) -> --mine.users == 0 ? null : mine);
    }

    /** Returns the permits of a body that begins to arrive; the operator's if {@code tenant} is null. */
    Body open(@Nullable UUID tenant) {
        return new Body(tenant);
    }

    private void await(Semaphore permits, int count) {
        try {
            if (!permits.tryAcquire(count, patienceMillis, TimeUnit.MILLISECONDS)) {
                throw ProblemException.of(ProblemKind.BUSY);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw ProblemException.of(ProblemKind.BUSY);
        }
    }
}
