package io.shoal.intake.events;

import io.shoal.intake.torrents.Torrent;
import io.shoal.intake.transfers.ListOrder;
import io.shoal.intake.transfers.Transfer;
import java.util.Collection;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Transfers as the API shows them. */
public interface LibraryDocuments {
    /**
     * A transfer and its document.
     *
     * @param torrent once it is known
     * @param json as the API shows it
     */
    record Document(Transfer transfer, @Nullable Torrent torrent, String json) {
        boolean isFor(@Nullable String label) {
            return label == null || transfer.marks().labels().list().contains(label);
        }
    }

    /**
     * A page of a library.
     *
     * @param next the position of the last one; null if there is no other page
     */
    record Page(List<Document> documents, ListOrder.@Nullable Position next) {}

    /**
     * Returns up to {@code limit} transfers of a library, the newest first, those after {@code after}.
     *
     * @param label that each must have; null: all
     */
    Page page(UUID tenant, @Nullable String label, ListOrder.@Nullable Position after, int limit);

    /** Returns those of these transfers that exist, whichever libraries they are in. */
    List<Document> all(Collection<UUID> ids);
}
