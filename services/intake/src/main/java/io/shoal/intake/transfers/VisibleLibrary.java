package io.shoal.intake.transfers;

import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * The part of a tenant's library that a request may see and change: all of it, or, for an app key, the transfers that have its label.
 *
 * <p>Every look-up on behalf of a request takes it in the place of the tenant, so none can leave the label out: a transfer without it
 * is answered like one that does not exist.
 *
 * @param label that each visible transfer has; null: all are visible
 */
public record VisibleLibrary(UUID tenant, @Nullable String label) {
    /** Returns the whole library of a tenant. */
    public static VisibleLibrary whole(UUID tenant) {
        return new VisibleLibrary(tenant, null);
    }

    /** Returns whether the transfer is visible. */
    public boolean has(Transfer transfer) {
        return transfer.tenant().equals(tenant)
                && (label == null || transfer.marks().labels().list().contains(label));
    }

    /**
     * Returns the number of a visible transfer as it is shown. An app key does not see that of the whole library, which would tell it how
     * many other transfers were added.
     */
    public int numberOf(Transfer transfer) {
        int number = transfer.marks().number();
        return label == null ? number : new ShuffledNumbers(tenant + "\n" + label).of(number);
    }

    /**
     * Returns {@code labels} with the label that transfers of this library must keep.
     *
     * @throws TooManyLabelsException they are too many with it
     */
    public Labels keeping(Labels labels) {
        return Optional.ofNullable(label).map(labels::with).orElse(labels);
    }
}
