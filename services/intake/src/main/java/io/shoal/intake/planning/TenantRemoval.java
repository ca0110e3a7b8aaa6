package io.shoal.intake.planning;

import io.quarkus.scheduler.Scheduled;
import io.shoal.intake.accounting.Accounting;
import io.shoal.intake.admission.OperatorRules;
import io.shoal.intake.admission.Passkeys;
import io.shoal.intake.duties.Duties;
import io.shoal.intake.duties.Duty;
import io.shoal.intake.tenants.Tenants;
import io.shoal.intake.transfers.Transfer;
import io.shoal.intake.transfers.TransferPlace;
import io.shoal.intake.transfers.Transfers;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.Comparator;
import java.util.List;
import java.util.UUID;

/**
 * Removes everything that belongs to deleted tenants, in the background, one batch a transaction, however large their libraries are.
 * Nothing can be added to a tenant that is being deleted, so each batch leaves less; its row is deleted last.
 */
@ApplicationScoped
class TenantRemoval {
    /** Transfers, or passkeys, that one transaction removes. */
    private static final int BATCH = 200;

    /** Rows of accounting that one transaction removes. */
    private static final int ROWS = 10_000;

    /** Tenants that one turn handles: a tenant whose removal fails does not hold up the next ones. */
    private static final int TENANTS = 100;

    private final Tenants tenants;
    private final Transfers transfers;
    private final Library library;
    private final Passkeys passkeys;
    private final OperatorRules rules;
    private final Accounting accounting;
    private final Duties duties;

    TenantRemoval(
            Tenants tenants,
            Transfers transfers,
            Library library,
            Passkeys passkeys,
            OperatorRules rules,
            Accounting accounting,
            Duties duties) {
        this.tenants = tenants;
        this.transfers = transfers;
        this.library = library;
        this.passkeys = passkeys;
        this.rules = rules;
        this.accounting = accounting;
        this.duties = duties;
    }

    @Scheduled(
            every = "1s",
            concurrentExecution = Scheduled.ConcurrentExecution.SKIP,
            skipExecutionIf = Scheduled.ApplicationNotRunning.class)
    void removeDeleted() {
        if (duties.isTurn()) {
            tenants.deleting(TENANTS)
                    .forEach(tenant -> duties.complete(Duty.REMOVING_TENANTS, () -> removeSome(tenant)));
        }
    }

    /** Returns whether something is left. */
    private boolean removeSome(UUID tenant) {
        List<TransferPlace> planned = transfers.plannedOf(tenant, BATCH);
        // In the order of torrent ids, like all transactions that lock several torrents.
        planned.stream()
                .sorted(Comparator.comparing(
                        place -> place.torrent().orElseThrow().value()))
                .forEach(place -> {
                    library.removeOfDeleted(tenant, place.id());
                    transfers.flush();
                    transfers.getEntityManager().clear(); // Hibernate compares all that it holds before each query
                });
        if (!planned.isEmpty()) {
            return true;
        }
        List<Transfer> unplanned = transfers.lockUnplannedOf(tenant, BATCH);
        unplanned.forEach(library::removeUnplannedOfDeleted);
        if (!unplanned.isEmpty()) {
            return true;
        }
        if (passkeys.revokeSome(tenant, BATCH) > 0 || accounting.forgetSome(tenant, ROWS) > 0) {
            return true;
        }
        rules.leave(tenant);
        tenants.forget(tenant);
        return false;
    }
}
