package io.shoal.intake.api;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.quarkus.arc.Arc;
import io.quarkus.test.junit.QuarkusMock;
import java.util.Collection;
import java.util.List;
import java.util.UUID;

/** The documents of the service, except that one transfer cannot be read, or cannot be shown. */
public final class UnreadableDocuments {
    private UnreadableDocuments() {}

    /** Fails from now on until the end of the test, when the transfer is read among others that have changed. */
    public static void failToRead(UUID transfer) {
        install(new Documents() {
            @Override
            public List<Document> all(Collection<UUID> ids) {
                if (ids.contains(transfer)) {
                    throw new IllegalStateException("a row that cannot be read");
                }
                return super.all(ids);
            }
        });
    }

    /** Fails from now on until the end of the test, when the transfer is shown as one that has changed. */
    public static void failToShow(UUID transfer) {
        install(new Documents() {
            @Override
            public List<Document> all(Collection<UUID> ids) {
                return super.all(ids).stream()
                        .map(document -> document.transfer().id().equals(transfer)
                                ? new Document(document.transfer(), document.torrent(), library -> {
                                    throw new IllegalStateException("a transfer that cannot be shown");
                                })
                                : document)
                        .toList();
            }
        });
    }

    private static void install(Documents documents) {
        QuarkusMock.installMockForType(documents, TransferDocuments.class);
    }

    private static class Documents extends TransferDocuments {
        Documents() {
            super(
                    Arc.container().instance(LibraryReader.class).get(),
                    Arc.container().instance(ObjectMapper.class).get());
        }
    }
}
