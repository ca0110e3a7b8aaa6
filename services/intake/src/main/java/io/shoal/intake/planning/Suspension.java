package io.shoal.intake.planning;

import io.quarkus.narayana.jta.QuarkusTransaction;
import io.quarkus.scheduler.Scheduled;
import io.shoal.intake.duties.Duties;
import io.shoal.intake.duties.Duty;
import io.shoal.intake.quotas.Quotas;
import io.shoal.intake.tenants.TenantStateChanged;
import io.shoal.intake.transfers.Transfers;
import io.shoal.intake.transfers.VisibleLibrary;
import io.shoal.intake.wishes.Wishes;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.UUID;

/**
 * Blocks all transfers of a suspended tenant, and unblocks them when it is resumed. The suspension is noted in the caller's
 * transaction; the transfers follow in the background, one transaction each, so a tenant of any size holds up no request. A transfer
 * that is added meanwhile is blocked from its beginning.
 */
@ApplicationScoped
public class Suspension {
    private static final int BATCH = 200;

    /** A turn ends after this time, so that another replica or another duty can continue. */
    private static final Duration TURN = Duration.ofSeconds(20);

    private final Quotas quotas;
    private final Transfers transfers;
    private final TransferLocks locks;
    private final Resolves resolves;
    private final Wishes wishes;
    private final Duties duties;

    Suspension(
            Quotas quotas, Transfers transfers, TransferLocks locks, Resolves resolves, Wishes wishes, Duties duties) {
        this.quotas = quotas;
        this.transfers = transfers;
        this.locks = locks;
        this.resolves = resolves;
        this.wishes = wishes;
        this.duties = duties;
    }

    /** Soon after the commit the transfers of a suspended tenant become BLOCKED(suspended), and those of a resumed one continue. */
    void tenantChanged(@Observes TenantStateChanged change) {
        switch (change.state()) {
            case ACTIVE -> quotas.suspend(change.tenant(), false);
            case SUSPENDED -> quotas.suspend(change.tenant(), true);
            case DELETING -> {} // its transfers are removed
        }
    }

    /** Blocks and unblocks transfers as the suspension of their tenants requires. */
    @Scheduled(
            every = "1s",
            concurrentExecution = Scheduled.ConcurrentExecution.SKIP,
            skipExecutionIf = Scheduled.ApplicationNotRunning.class)
    void sweep() {
        duties.run(Duty.SUSPENDING, () -> {
            Instant end = Instant.now().plus(TURN);
            boolean more = true;
            while (more && Instant.now().isBefore(end)) {
                more = QuarkusTransaction.requiringNew()
                        .call(quotas::unsweptSuspension)
                        .map(this::sweepSome)
                        .orElse(false);
            }
        });
    }

    /** Returns whether there may be more to do. */
    private boolean sweepSome(Quotas.Suspended wanted) {
        List<UUID> batch = QuarkusTransaction.requiringNew()
                .call(() -> transfers.notSuspendedAs(wanted.suspended(), wanted.tenant(), BATCH));
        batch.forEach(id -> QuarkusTransaction.requiringNew().run(() -> apply(wanted, id)));
        if (batch.isEmpty()) {
            QuarkusTransaction.requiringNew().run(() -> quotas.suspensionSwept(wanted));
        }
        return true;
    }

    private void apply(Quotas.Suspended wanted, UUID id) {
        locks.lock(VisibleLibrary.whole(wanted.tenant()), id).ifPresent(locked -> {
            resolves.suspend(locked.transfer(), wanted.suspended());
            if (locked.transfer().isPlanned()) {
                wishes.merge(locked.torrent());
            }
        });
    }
}
