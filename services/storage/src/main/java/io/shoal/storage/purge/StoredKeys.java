package io.shoal.storage.purge;

import io.shoal.contracts.Generation;
import io.shoal.contracts.TorrentId;
import io.shoal.objectstore.ObjectStore;
import io.shoal.objectstore.StoreUnavailableException;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads from keys in the store whose they are. */
final class StoredKeys {
    /** All keys of torrents begin with this. */
    static final String ALL = "torrents/";

    private static final Pattern FORM = Pattern.compile("torrents/([a-z2-7]{26})/([1-9][0-9]{0,17})/.+");

    /** Takes a key of a torrent. */
    interface Visitor {
        void visit(Generation generation, String key) throws StoreUnavailableException;
    }

    private StoredKeys() {}

    /** Whose an object is. */
    record Owner(TorrentId torrent, Generation generation) {}

    /** All keys of {@code torrent}, in every generation, begin with this. */
    static String prefix(TorrentId torrent) {
        return ALL + torrent + "/";
    }

    /** Whose {@code key} is; empty for a key that none of us wrote. */
    static Optional<Owner> owner(String key) {
        Matcher parts = FORM.matcher(key);
        return parts.matches()
                ? Optional.of(new Owner(new TorrentId(parts.group(1)), new Generation(Long.parseLong(parts.group(2)))))
                : Optional.empty();
    }

    /** Shows every key that begins with {@code prefix} and is a torrent's to {@code visitor}. */
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

    /** Carries a failure of the store through its own listing. */
    private static final class InListing extends RuntimeException {
        private static final long serialVersionUID = 1L;

        private final StoreUnavailableException unavailable;

        InListing(StoreUnavailableException unavailable) {
            super(unavailable);
            this.unavailable = unavailable;
        }
    }
}
