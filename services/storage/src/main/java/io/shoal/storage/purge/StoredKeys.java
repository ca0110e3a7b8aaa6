package io.shoal.storage.purge;

import io.shoal.contracts.Generation;
import io.shoal.contracts.TorrentId;
import io.shoal.objectstore.ObjectStore;
import io.shoal.objectstore.StoreUnavailableException;
import io.shoal.storage.catalog.TorrentGeneration;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Parses the torrent and the generation out of object keys. */
final class StoredKeys {
    /** The prefix of all keys of torrents. */
    static final String ALL = "torrents/";

    private static final Pattern FORM = Pattern.compile("torrents/([a-z2-7]{26})/([1-9][0-9]{0,17})/.+");

    /** Receives the keys of a listing. */
    interface Visitor {
        void visit(Generation generation, String key) throws StoreUnavailableException;
    }

    private StoredKeys() {}

    /** Returns the prefix of all keys of {@code torrent}, in every generation. */
    static String prefix(TorrentId torrent) {
        return ALL + torrent + "/";
    }

    /** Returns the torrent and the generation that own {@code key}; empty if no service of the platform writes such keys. */
    static Optional<TorrentGeneration> owner(String key) {
        Matcher parts = FORM.matcher(key);
        return parts.matches()
                ? Optional.of(new TorrentGeneration(
                        new TorrentId(parts.group(1)), new Generation(Long.parseLong(parts.group(2)))))
                : Optional.empty();
    }

    /** Passes every key of a torrent that begins with {@code prefix} to {@code visitor}. */
    static void list(ObjectStore store, String prefix, Visitor visitor) throws StoreUnavailableException {
        try {
            store.list(
                    prefix,
                    object -> owner(object.key()).ifPresent(owner -> {
                        try {
                            visitor.visit(owner.generation(), object.key());
                        } catch (StoreUnavailableException e) {
                            throw new InListing(e);
                        }
                    }));
        } catch (InListing e) {
            throw e.unavailable;
        }
    }

    /** Carries a failure of the store out of the callback of a listing. */
    private static final class InListing extends RuntimeException {
        private static final long serialVersionUID = 1L;

        private final StoreUnavailableException unavailable;

        InListing(StoreUnavailableException unavailable) {
            super(unavailable);
            this.unavailable = unavailable;
        }
    }
}
