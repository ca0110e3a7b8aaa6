package io.shoal.intake.planning;

import io.shoal.intake.categories.Categories;
import io.shoal.intake.categories.NoSuchCategoryException;
import io.shoal.intake.quotas.Quotas;
import io.shoal.intake.transfers.Transfer;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Gives new transfers their number and category, and changes how transfers are found. All methods must be called inside a
 * transaction, before it locks the tenant's quota.
 */
@ApplicationScoped
class TransferFiling {
    private final Categories categories;
    private final Quotas quotas;

    TransferFiling(Categories categories, Quotas quotas) {
        this.categories = categories;
        this.quotas = quotas;
    }

    /**
     * Admits a new transfer to the library.
     *
     * @param category the name of its category
     * @param bytes the length of the files that it wants, once they are known
     * @throws NoSuchCategoryException the tenant does not have the category
     */
    void admit(Transfer transfer, @Nullable String category, long bytes) {
        UUID tenant = transfer.tenant();
        UUID under = category == null ? null : categories.hold(tenant, category);
        Quotas.Admission admission = quotas.admit(tenant, bytes);
        transfer.admit(admission.number(), admission.rank(), under, admission.suspended());
    }

    /**
     * Changes how the tenant finds the transfer.
     *
     * @throws NoSuchCategoryException the tenant does not have the category
     */
    void change(Transfer transfer, Change.Filing filing) {
        if (filing.category() != null) {
            String name = filing.category().text();
            transfer.marks().file(name == null ? null : categories.hold(transfer.tenant(), name));
        }
        if (filing.labels() != null) {
            transfer.marks().label(filing.labels());
        }
        if (filing.displayName() != null) {
            transfer.marks().display(filing.displayName().text());
        }
    }
}
