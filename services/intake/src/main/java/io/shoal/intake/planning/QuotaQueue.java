package io.shoal.intake.planning;

import io.quarkus.narayana.jta.QuarkusTransaction;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.scheduler.Scheduled;
import io.shoal.intake.duties.Duties;
import io.shoal.intake.duties.Duty;
import io.shoal.intake.quotas.DownloadSlots;
import io.shoal.intake.quotas.QuotaFreed;
import io.shoal.intake.quotas.Quotas;
import io.shoal.intake.transfers.Transfer;
import io.shoal.intake.wishes.Wishes;
import io.shoal.objectstore.StoreUnavailableException;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.event.TransactionPhase;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.function.Consumer;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jboss.logging.Logger;

/**
 * Lets transfers get on that wait for a download slot or for their tenant's quota: at once when something of the quota becomes
 * free, and every few seconds in case a replica stopped between the two. A holder of a slot that makes no progress goes behind
 * the transfers that wait.
 *
 * <p>Each transfer is moved in a transaction of its own, and at most {@link #MOST} of one tenant in a turn.
 */
@ApplicationScoped
class QuotaQueue {
    private static final Logger LOG = Logger.getLogger(QuotaQueue.class);
    private static final UUID FIRST = new UUID(0, 0);

    /** Transfers of one tenant that one turn moves; the next turn goes on. */
    private static final int MOST = 100;

    /** Tenants whose transfers one turn of the duty looks at. */
    private static final int TENANTS = 200;

    /** A turn begins nothing after this time: the transaction that keeps the duty must not last. */
    private static final Duration TURN = Duration.ofSeconds(20);

    /** Connections to the database that this may take at once. */
    private static final int AT_ONCE = 2;

    private final DownloadSlots slots;
    private final Quotas quotas;
    private final TransferLocks locks;
    private final Wishes wishes;
    private final Resolution resolution;
    private final Duties duties;
    private final Duration patience;
    private final Set<UUID> waiting = ConcurrentHashMap.newKeySet();
    private final Semaphore turns = new Semaphore(AT_ONCE);
    private final ExecutorService threads = Executors.newThreadPerTaskExecutor(
            Thread.ofVirtual().name("quota-queue-", 0).factory());
    private volatile UUID rotated = FIRST;
    private volatile UUID planned = FIRST;

    QuotaQueue(
            DownloadSlots slots,
            Quotas quotas,
            TransferLocks locks,
            Wishes wishes,
            Resolution resolution,
            Duties duties,
            @ConfigProperty(name = "shoal.slot-patience") Duration patience) {
        this.slots = slots;
        this.quotas = quotas;
        this.locks = locks;
        this.wishes = wishes;
        this.resolution = resolution;
        this.duties = duties;
        this.patience = patience;
    }

    void freed(@Observes(during = TransactionPhase.AFTER_SUCCESS) QuotaFreed event) {
        if (!threads.isShutdown() && waiting.add(event.tenant())) {
            threads.execute(() -> take(event.tenant()));
        }
    }

    void end(@Observes ShutdownEvent event) {
        threads.shutdown();
    }

    private void take(UUID tenant) {
        turns.acquireUninterruptibly();
        try {
            waiting.remove(tenant);
            serve(tenant);
        } catch (StoreUnavailableException | RuntimeException e) { // most likely away: the duty's next turn tries again
            LOG.warnf("transfers of tenant %s wait for their quota: %s", tenant, e);
        } finally {
            turns.release();
        }
    }

    /** Looks at the tenants of which a transfer waits, until the turn is over; the next turn goes on after them. */
    @Scheduled(
            every = "10s",
            concurrentExecution = Scheduled.ConcurrentExecution.SKIP,
            skipExecutionIf = Scheduled.ApplicationNotRunning.class)
    void turn() {
        duties.run(Duty.SERVING_QUOTAS, () -> {
            Instant end = Instant.now().plus(TURN);
            rotated = each(
                    QuarkusTransaction.requiringNew().call(() -> slots.tenantsThatWait(rotated, TENANTS)),
                    end,
                    this::rotate);
            planned = each(
                    QuarkusTransaction.requiringNew().call(() -> quotas.tenantsWithRoom(planned, TENANTS)),
                    end,
                    this::take);
        });
    }

    /** Returns the tenant after which the next turn begins. */
    private static UUID each(List<UUID> tenants, Instant end, Consumer<UUID> work) {
        for (UUID tenant : tenants) {
            work.accept(tenant);
            if (Instant.now().isAfter(end)) {
                return tenant;
            }
        }
        return tenants.size() < TENANTS ? FIRST : tenants.getLast();
    }

    /** Takes the slots of holders that make no progress, then gives free slots to the transfers that wait. */
    private void rotate(UUID tenant) {
        List<UUID> stuck = QuarkusTransaction.requiringNew().call(() -> {
            slots.noteProgress(tenant);
            return slots.stuckSince(tenant, Instant.now().minus(patience));
        });
        stuck.forEach(id -> QuarkusTransaction.requiringNew().run(() -> takeSlot(id)));
        take(tenant);
    }

    private void takeSlot(UUID id) {
        locks.lock(id).filter(locked -> locked.transfer().holdsSlot()).ifPresent(locked -> {
            locked.transfer().awaitSlot(Instant.now());
            wishes.merge(locked.torrent());
        });
    }

    private void serve(UUID tenant) throws StoreUnavailableException {
        boolean more = true;
        for (int i = 0; more && i < MOST; i++) {
            Optional<UUID> next = QuarkusTransaction.requiringNew().call(() -> slots.next(tenant));
            more = next.isPresent() && QuarkusTransaction.requiringNew().call(() -> giveSlot(next.get()));
        }
        planSome(tenant);
    }

    /** Whether the transfer has left the queue. */
    private boolean giveSlot(UUID id) {
        Optional<TransferLocks.Locked> found =
                locks.lock(id).filter(locked -> locked.transfer().isQueued());
        found.ifPresent(locked -> {
            slots.request(locked.transfer(), locked.torrent().down());
            wishes.merge(locked.torrent());
        });
        return !found.map(TransferLocks.Locked::transfer)
                .map(Transfer::isQueued)
                .orElse(false);
    }

    /** Plans transfers that were over the quota, the oldest first; one that still does not fit is passed over. */
    private void planSome(UUID tenant) throws StoreUnavailableException {
        List<UUID> tried = new ArrayList<>();
        Optional<UUID> next = QuarkusTransaction.requiringNew().call(() -> quotas.nextWithRoom(tenant, tried));
        while (next.isPresent() && tried.size() < MOST) {
            tried.add(next.get());
            resolution.plan(next.get());
            next = QuarkusTransaction.requiringNew().call(() -> quotas.nextWithRoom(tenant, tried));
        }
    }
}
