package io.shoal.intake.api;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.shoal.intake.events.LibraryDocuments;
import io.shoal.intake.transfers.ListFilter;
import io.shoal.intake.transfers.ListOrder;
import io.shoal.intake.transfers.VisibleLibrary;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.Collection;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** What event streams of libraries show: the same as the lists. */
@ApplicationScoped
class TransferDocuments implements LibraryDocuments {
    private final LibraryReader library;
    private final ObjectMapper json;

    TransferDocuments(LibraryReader library, ObjectMapper json) {
        this.library = library;
        this.json = json;
    }

    @Override
    public Page page(VisibleLibrary visible, ListOrder.@Nullable Position after, int limit) {
        List<LibraryReader.Item> found = library.page(visible, ListFilter.ALL, ListOrder.NEWEST, after, limit + 1);
        boolean isLast = found.size() <= limit;
        List<LibraryReader.Item> shown = isLast ? found : found.subList(0, limit);
        return new Page(
                documents(shown),
                isLast ? null : ListOrder.NEWEST.of(shown.getLast().found()));
    }

    @Override
    public List<Document> all(Collection<UUID> ids) {
        return documents(library.ofAnyTenant(ids));
    }

    private List<Document> documents(List<LibraryReader.Item> items) {
        return items.stream()
                .map(item ->
                        new Document(item.transfer(), item.torrent(), visible -> json(library.view(item.in(visible)))))
                .toList();
    }

    private String json(TransferView view) {
        try {
            return json.writeValueAsString(view);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a transfer cannot be shown", e);
        }
    }
}
