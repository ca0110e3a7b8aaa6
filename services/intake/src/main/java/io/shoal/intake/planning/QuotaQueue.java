package io.shoal.intake.planning;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
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
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jboss.logging.Logger;

/**
 * Moves transfers that wait for a download slot or for their tenant's quota: at once when some of the quota becomes free, and every
 * few seconds in case a replica stopped between the two. A holder of a slot that makes no progress leaves it to the transfers that
 * wait, and one that is not forced leaves it to a forced one.
 *
 * <p>Each transfer is moved in a transaction of its own, at most {@link #MOST} of one tenant in a turn, and none after the turn's end.
 * A tenant whose transfers cannot be moved holds up no other tenant. No holder loses its slot while this replica does not know what
 * the fleet reports.
 */
@ApplicationScoped
class QuotaQueue {
    private static final Logger LOG = Logger.getLogger(QuotaQueue.class);
    private static final UUID FIRST = new UUID(0, 0);

    /** Transfers of one tenant that one turn moves; the next turn goes on. */
    private static final int MOST = 100;

    /** Tenants whose transfers one turn of the duty looks at. */
    private static final int TENANTS = 200;

    /** A turn begins nothing after this time: the transaction that keeps the duty must not last, and other tenants wait. */
    private static final Duration TURN = Duration.ofSeconds(20);

    /**
     * How long reports must have been read before they tell which downloads make no progress: counters are written once a minute, so
     * by then they have what was reported while nothing could be read.
     */
    private static final Duration SETTLED = Duration.ofMinutes(2);

    /** Connections to the database that this may take at once. */
    private static final int AT_ONCE = 2;

    private final DownloadSlots slots;
    private final Quotas quotas;
    private final TransferLocks locks;
    private final Wishes wishes;
    private final Resolution resolution;
    private final Duties duties;
    private final FleetReports reports;
    private final Counter failures;
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
            FleetReports reports,
            MeterRegistry meters,
            @ConfigProperty(name = "shoal.slot-patience") Duration patience) {
        this.slots = slots;
        this.quotas = quotas;
        this.locks = locks;
        this.wishes = wishes;
        this.resolution = resolution;
        this.duties = duties;
        this.reports = reports;
        this.failures = Counter.builder("shoal.quotas.failures")
                .description("turns in which a tenant's waiting transfers could not be moved")
                .register(meters);
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
            attempt(tenant, () -> serve(tenant, Instant.now().plus(TURN)));
        } finally {
            turns.release();
        }
    }

    /** Looks at the tenants that have a transfer that waits, until the turn is over; the next turn continues after them. */
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
                    tenant -> rotate(tenant, end));
            planned = each(
                    QuarkusTransaction.requiringNew().call(() -> quotas.tenantsWithRoom(planned, TENANTS)),
                    end,
                    tenant -> serve(tenant, end));
        });
    }

    /** Work for one tenant. */
    @FunctionalInterface
    interface Work {
        void of(UUID tenant) throws StoreUnavailableException;
    }

    /** Returns the tenant after which the next turn begins. */
    UUID each(List<UUID> tenants, Instant end, Work work) {
        for (UUID tenant : tenants) {
            attempt(tenant, () -> work.of(tenant));
            if (isOver(end)) {
                return tenant;
            }
        }
        return tenants.size() < TENANTS ? FIRST : tenants.getLast();
    }

    /** A step that may fail without holding up the others. */
    @FunctionalInterface
    private interface Step {
        void run() throws StoreUnavailableException;
    }

    private void attempt(UUID tenant, Step step) {
        try {
            step.run();
        } catch (StoreUnavailableException | RuntimeException e) { // most likely away: the duty's next turn tries again
            failures.increment();
            LOG.warnf(e, "transfers of tenant %s wait for their quota", tenant);
        }
    }

    private static boolean isOver(Instant end) {
        return !Instant.now().isBefore(end);
    }

    /** Takes the slots of holders that make no progress, then gives free slots to the transfers that wait. */
    void rotate(UUID tenant, Instant end) throws StoreUnavailableException {
        for (UUID holder : withoutProgress(tenant)) {
            if (isOver(end)) {
                return;
            }
            QuarkusTransaction.requiringNew().run(() -> takeSlot(holder));
        }
        serve(tenant, end);
    }

    /** Some holders that have made no progress for too long; none while that cannot be known. */
    private List<UUID> withoutProgress(UUID tenant) {
        Instant now = Instant.now();
        boolean isKnown = reports.currentSince()
                .filter(since -> since.isBefore(now.minus(SETTLED)))
                .isPresent();
        return QuarkusTransaction.requiringNew().call(() -> {
            slots.noteProgress(tenant);
            return isKnown ? slots.stuckSince(tenant, now.minus(patience), MOST) : List.of();
        });
    }

    private void takeSlot(UUID id) {
        locks.lock(id)
                .filter(locked ->
                        locked.transfer().holdsSlot() && !locked.transfer().isForced())
                .ifPresent(locked -> {
                    locked.transfer().yieldSlot(Instant.now());
                    wishes.merge(locked.torrent());
                });
    }

    private void serve(UUID tenant, Instant end) throws StoreUnavailableException {
        boolean more = true;
        for (int i = 0; more && i < MOST && !isOver(end); i++) {
            Optional<UUID> next = QuarkusTransaction.requiringNew().call(() -> slots.next(tenant));
            more = next.isPresent()
                    ? QuarkusTransaction.requiringNew().call(() -> giveSlot(next.get()))
                    : makeRoom(tenant);
        }
        planSome(tenant, end);
    }

    /** Returns whether a transfer has left its slot to a forced one. */
    private boolean makeRoom(UUID tenant) {
        Optional<UUID> last = QuarkusTransaction.requiringNew().call(() -> slots.toDisplace(tenant));
        return last.isPresent() && QuarkusTransaction.requiringNew().call(() -> displace(last.get()));
    }

    private boolean displace(UUID id) {
        Optional<TransferLocks.Locked> found = locks.lock(id).filter(locked -> slots.mustLeave(locked.transfer()));
        found.ifPresent(locked -> {
            locked.transfer().awaitSlot(Instant.now());
            wishes.merge(locked.torrent());
        });
        return found.isPresent();
    }

    /** Returns whether the transfer has left the queue. */
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
    private void planSome(UUID tenant, Instant end) throws StoreUnavailableException {
        List<UUID> tried = new ArrayList<>();
        while (tried.size() < MOST && !isOver(end)) {
            Optional<UUID> next = QuarkusTransaction.requiringNew().call(() -> quotas.nextWithRoom(tenant, tried));
            if (next.isEmpty()) {
                return;
            }
            tried.add(next.get());
            resolution.plan(next.get());
        }
    }
}
