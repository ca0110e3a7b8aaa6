package io.shoal.storage.serving;

import io.shoal.objectstore.StoreUnavailableException;
import io.shoal.storage.streams.OpenStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * The bytes of a range, read from the store in order. A store that fails is asked again for what is missing, so the reader of
 * the range does not notice; and the connection to the store can be released at any time and is opened again where it was.
 */
final class StoreStream {
    private static final Logger LOG = Logger.getLogger(StoreStream.class);

    private static final Duration FIRST_PAUSE = Duration.ofMillis(100);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(2);

    private final FileReader reader;
    private final OpenStream stream;
    private final long end;
    private final Duration patience;

    private StoredFile file;
    private @Nullable InputStream bytes;
    /** Bytes that the open object still has for this range. */
    private long left;

    private long position;

    /**
     * Opens the bytes from {@code first} up to {@code end}.
     *
     * @param patience how long one read waits for a store that does not answer
     */
    StoreStream(FileReader reader, StoredFile file, long first, long end, OpenStream stream, Duration patience)
            throws RefusedException, StoreUnavailableException {
        this.reader = reader;
        this.file = file;
        this.position = first;
        this.end = end;
        this.stream = stream;
        this.patience = patience;
        open();
    }

    private InputStream open() throws RefusedException, StoreUnavailableException {
        FileReader.Opened opened = reader.open(file, position, end);
        file = opened.file();
        left = opened.length();
        bytes = opened.bytes();
        return opened.bytes();
    }

    boolean hasMore() {
        return position < end;
    }

    /** Fills {@code into} with the next bytes, at least one, and returns how many; there must be more. */
    int read(byte[] into) throws RefusedException, StoreUnavailableException, IOException, InterruptedException {
        stream.waitForStore();
        try {
            return readPatiently(into);
        } finally {
            stream.waitForReader();
        }
    }

    private int readPatiently(byte[] into)
            throws RefusedException, StoreUnavailableException, IOException, InterruptedException {
        long deadline = System.nanoTime() + patience.toNanos();
        Duration pause = FIRST_PAUSE;
        while (true) {
            try {
                return readOnce(into);
            } catch (StoreUnavailableException | IOException e) {
                release();
                if (System.nanoTime() - deadline >= 0) {
                    throw e;
                }
                LOG.debugf("the store failed at %d of %s: %s", position, file.keys(), e.getMessage());
            }
            if (stream.awaitEnd(pause)) {
                throw new BoundedResponse.ClosedResponseException();
            }
            pause = pause.compareTo(LONGEST_PAUSE) < 0 ? pause.multipliedBy(2) : LONGEST_PAUSE;
        }
    }

    private int readOnce(byte[] into) throws RefusedException, StoreUnavailableException, IOException {
        InputStream from = bytes;
        if (from == null || left == 0) {
            release();
            from = open();
        }
        int filled = 0;
        int most = (int) Math.min(into.length, left);
        while (filled < most) {
            int read = from.read(into, filled, most - filled);
            if (read < 0) {
                if (filled > 0) {
                    break; // these first; the next read finds out again
                }
                throw new EOFException("an object ends too early");
            }
            filled += read;
        }
        left -= filled;
        position += filled;
        return filled;
    }

    /** Closes the connection to the store, if one is open; the next read opens another one. */
    void release() {
        InputStream open = bytes;
        bytes = null;
        if (open != null) {
            try {
                open.close();
            } catch (IOException e) {
                LOG.debugf("a stream from the store did not close: %s", e.getMessage());
            }
        }
    }
}
