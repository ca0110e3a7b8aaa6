package io.shoal.storage.serving;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.shoal.bittorrent.FileIndex;
import io.shoal.bittorrent.geometry.FilePlace;
import io.shoal.contracts.links.LinkToken;
import io.shoal.contracts.objects.ObjectKeys;
import io.shoal.objectstore.NoSuchObjectException;
import io.shoal.objectstore.ObjectStore;
import io.shoal.objectstore.StoreUnavailableException;
import io.shoal.storage.catalog.Catalog;
import io.shoal.storage.catalog.GenerationState;
import io.shoal.storage.catalog.SegmentLayout;
import io.shoal.storage.catalog.SegmentLayouts;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.BitSet;
import org.jdbi.v3.core.JdbiException;

/** Finds the file that a link is for. Files found complete are remembered, for when the catalog does not answer. */
@ApplicationScoped
class StoredFiles {
    /** Files remembered. Each holds its torrent's bitmap only while it is no object of its own. */
    private static final int REMEMBERED = 10_000;

    private final Catalog catalog;
    private final SegmentLayouts layouts;
    private final ObjectStore store;
    private final Cache<Name, StoredFile> complete =
            Caffeine.newBuilder().maximumSize(REMEMBERED).build();

    private record Name(ObjectKeys keys, FileIndex file) {}

    StoredFiles(Catalog catalog, SegmentLayouts layouts, ObjectStore store) {
        this.catalog = catalog;
        this.layouts = layouts;
        this.store = store;
    }

    /** Returns the file that {@code link}, which is valid, is for. */
    StoredFile find(LinkToken link) throws RefusedException, StoreUnavailableException {
        Name name = new Name(new ObjectKeys(link.torrent(), link.generation()), link.file());
        try {
            StoredFile found = ask(name);
            if (found.has(0, found.length())) {
                complete.put(name, found);
            } else {
                complete.invalidate(name);
            }
            return found;
        } catch (JdbiException e) {
            StoredFile remembered = complete.getIfPresent(name);
            if (remembered == null) {
                throw new RefusedException(RefusedException.Reason.CATALOG_UNAVAILABLE);
            }
            return remembered;
        }
    }

    /** Looks up {@code file} again, because one of its objects was not found. */
    StoredFile again(StoredFile file) throws RefusedException, StoreUnavailableException {
        if (!file.assembled()
                && file.content().place() instanceof FilePlace.Large large
                && store.size(file.keys().file(file.index())).orElse(-1) == large.length()) {
            return file.asAssembled();
        }
        try {
            return ask(new Name(file.keys(), file.index()));
        } catch (JdbiException e) {
            throw new RefusedException(RefusedException.Reason.CATALOG_UNAVAILABLE);
        }
    }

    private StoredFile ask(Name name) throws RefusedException, StoreUnavailableException {
        ObjectKeys keys = name.keys();
        Catalog.FileState state = catalog.file(keys.torrent(), keys.generation(), name.file());
        String infoKey = switch (state.state()) {
            case GenerationState.Live(String key) -> key;
            case GenerationState.Dead() -> throw new RefusedException(RefusedException.Reason.GONE);
            case GenerationState.Unknown() ->
                // The token proves that intake knows it, so this replica has not read the record yet.
                throw new RefusedException(
                        RefusedException.Reason.NOT_STORED_YET, "The torrent is not known here yet: try again later.");
        };
        SegmentLayout.Content content = layout(infoKey)
                .file(name.file())
                .orElseThrow(() -> new RefusedException(RefusedException.Reason.NOT_FOUND));
        return new StoredFile(keys, content, state.assembled(), state.assembled() ? new BitSet() : state.stored());
    }

    private SegmentLayout layout(String infoKey) throws RefusedException, StoreUnavailableException {
        try {
            return layouts.get(infoKey);
        } catch (NoSuchObjectException e) {
            // Purged meanwhile, or lost: without it no file of the torrent can be located.
            throw new RefusedException(
                    RefusedException.Reason.NOT_STORED_YET, "The description of the content is not in the store.");
        }
    }
}
