package io.shoal.storage.serving;

import io.shoal.objectstore.NoSuchObjectException;
import io.shoal.objectstore.ObjectStore;
import io.shoal.objectstore.StoreUnavailableException;
import io.shoal.storage.catalog.ContentEvents;
import io.shoal.storage.losses.LostSegmentFinder;
import jakarta.enterprise.context.ApplicationScoped;
import java.io.InputStream;
import java.util.Optional;
import org.jboss.logging.Logger;
import org.jdbi.v3.core.JdbiException;

/**
 * Opens a stored file's bytes. If an object is not found, the file is looked up once more, because it may just have been assembled
 * and its segments deleted. If the object is still missing, it is lost: the loss is published, and the reader must wait for the
 * next download.
 */
@ApplicationScoped
class FileReader {
    private static final Logger LOG = Logger.getLogger(FileReader.class);

    private final StoredFiles files;
    private final ObjectStore store;
    private final LostSegmentFinder losses;

    /** An open object. */
    record Opened(StoredFile file, InputStream bytes, long length) {}

    FileReader(StoredFiles files, ObjectStore store, LostSegmentFinder losses) {
        this.files = files;
        this.store = store;
        this.losses = losses;
    }

    /** Opens the bytes from {@code position} to the end of the object that holds it, but not beyond {@code end}. */
    Opened open(StoredFile file, long position, long end) throws RefusedException, StoreUnavailableException {
        requireStored(file, position, end);
        try {
            return openNow(file, position, end);
        } catch (NoSuchObjectException e) {
            StoredFile again = files.again(file);
            requireStored(again, position, end);
            try {
                return openNow(again, position, end);
            } catch (NoSuchObjectException lost) {
                throw lost(again);
            }
        }
    }

    /** Returns the object that is all of {@code file}, if there is one and the store has it. */
    Optional<String> ownObject(StoredFile file) throws RefusedException, StoreUnavailableException {
        Optional<String> object = file.ownObject();
        if (object.isEmpty() || isThere(object.get(), file)) {
            return object;
        }
        StoredFile again = files.again(file);
        requireStored(again, 0, file.length());
        Optional<String> found = again.ownObject();
        if (found.isPresent() && !isThere(found.get(), again)) {
            throw lost(again);
        }
        return found;
    }

    private boolean isThere(String key, StoredFile file) throws StoreUnavailableException {
        return store.size(key).orElse(-1) == file.length();
    }

    private Opened openNow(StoredFile file, long position, long end)
            throws NoSuchObjectException, StoreUnavailableException {
        StoredFile.Extent extent = file.extentAt(position);
        long length = Math.min(extent.length(), end - position);
        return new Opened(file, store.open(extent.key(), extent.offset(), length), length);
    }

    private static void requireStored(StoredFile file, long position, long end) throws RefusedException {
        if (!file.has(position, end)) {
            throw new RefusedException(RefusedException.Reason.NOT_STORED_YET);
        }
    }

    private RefusedException lost(StoredFile file) throws StoreUnavailableException {
        try {
            losses.look(file.keys(), file.index(), file.content().place());
        } catch (ContentEvents.PublishException | JdbiException e) {
            LOG.warnf(
                    "a loss in %s is not published yet; its next reader finds it again: %s",
                    file.keys(), e.getMessage());
        }
        return new RefusedException(
                RefusedException.Reason.NOT_STORED_YET, "These bytes were lost and are downloaded again.");
    }
}
