package io.shoal.intake.events;

import io.shoal.intake.torrents.Torrent;
import io.shoal.intake.transfers.ListOrder;
import io.shoal.intake.transfers.Transfer;
import io.shoal.intake.transfers.VisibleLibrary;
import java.util.Collection;
import java.util.List;
import java.util.UUID;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Transfers as the API shows them. */
public interface LibraryDocuments {
    /**
     * A transfer and its document.
     *
     * @param torrent once it is known
     * @param json as the API shows it in a library
     */
    record Document(Transfer transfer, @Nullable Torrent torrent, Function<VisibleLibrary, String> json) {
        boolean isFor(@Nullable String label) {
            return library(label).has(transfer);
        }

        String json(@Nullable String label) {
            return json.apply(library(label));
        }

        private VisibleLibrary library(@Nullable String label) {
            return new VisibleLibrary(transfer.tenant(), label);
        }
    }

    /**
     * A page of a library.
     *
     * @param next the position of the last one; null if there is no other page
     */
    record Page(List<Document> documents, ListOrder.@Nullable Position next) {}

    /** Returns up to {@code limit} transfers of a library, the newest first, those after {@code after}. */
    Page page(VisibleLibrary library, ListOrder.@Nullable Position after, int limit);

    /** Returns those of these transfers that exist, whichever libraries they are in. */
    List<Document> all(Collection<UUID> ids);
}
