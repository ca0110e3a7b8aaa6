package io.shoal.intake.api;

import io.shoal.contracts.links.SealingKeys;
import io.shoal.intake.transfers.ListFilter;
import io.shoal.intake.transfers.ListOrder;
import io.shoal.intake.transfers.VisibleLibrary;
import jakarta.enterprise.context.ApplicationScoped;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/**
 * Makes the cursors of lists of transfers. They are encrypted, because the rank of a transfer in the queue would tell an app key how many
 * transfers its tenant has added; every replica opens them.
 */
@ApplicationScoped
class ListCursors {
    private final SealingKeys keys;

    ListCursors(@ConfigProperty(name = "shoal.link-keys") String keys) {
        this.keys = SealingKeys.parse(keys);
    }

    /** Returns the cursors of one list. */
    ListCursor of(VisibleLibrary library, ListFilter filter, ListOrder order) {
        return new ListCursor(keys, library, filter, order);
    }
}
