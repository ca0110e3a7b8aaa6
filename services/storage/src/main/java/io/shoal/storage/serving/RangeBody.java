package io.shoal.storage.serving;

import io.shoal.objectstore.StoreUnavailableException;
import jakarta.ws.rs.core.StreamingOutput;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jboss.logging.Logger;

/**
 * Bytes of a file on their way to a reader, as fast as the reader takes them: one buffer, one object open at a time. Its
 * place among the open bodies is given back when it was written, or when it is abandoned instead.
 */
final class RangeBody implements StreamingOutput {
    private static final Logger LOG = Logger.getLogger(RangeBody.class);

    private static final int BUFFER = 64 << 10;

    private final FileReader reader;
    private final Semaphore open;
    private final long end;
    /** Set by the one thread that closes: streams from the store bear no second one. */
    private final AtomicBoolean taken = new AtomicBoolean();

    private FileReader.Opened opened;
    private long position;

    private RangeBody(FileReader reader, Semaphore open, FileReader.Opened opened, long first, long end) {
        this.reader = reader;
        this.open = open;
        this.opened = opened;
        this.position = first;
        this.end = end;
    }

    /**
     * The bytes from {@code first} up to {@code end}; the first object is open already, so that what can be refused is refused
     * before an answer begins. One permit of {@code open} is taken.
     */
    static RangeBody open(FileReader reader, Semaphore open, StoredFile file, long first, long end)
            throws RefusedException, StoreUnavailableException {
        if (!open.tryAcquire()) {
            throw new RefusedException(RefusedException.Reason.BUSY);
        }
        boolean done = false;
        try {
            // All of the range must be stored, not only what its first object holds.
            if (!file.has(first, end)) {
                throw new RefusedException(RefusedException.Reason.NOT_STORED_YET);
            }
            RangeBody body = new RangeBody(reader, open, reader.open(file, first, end), first, end);
            done = true;
            return body;
        } finally {
            if (!done) {
                open.release();
            }
        }
    }

    @Override
    public void write(OutputStream out) throws IOException {
        if (!taken.compareAndSet(false, true)) {
            throw new IOException("its reader is gone");
        }
        try {
            byte[] buffer = new byte[BUFFER];
            copy(out, buffer);
            while (position < end) {
                opened.bytes().close();
                opened = reader.open(opened.file(), position, end);
                copy(out, buffer);
            }
        } catch (RefusedException | StoreUnavailableException e) {
            throw brokenOff(e);
        } catch (RuntimeException e) { // our own mistake; whoever else logged it would log the link with it
            LOG.error("a file is not served to its end", e);
            throw brokenOff(e);
        } finally {
            end();
        }
    }

    /** The answer has begun: all that is left is to break it off, so that nobody takes a part for the whole. */
    private static IOException brokenOff(Exception cause) {
        return new IOException(cause.getMessage(), cause);
    }

    private void copy(OutputStream out, byte[] buffer) throws IOException {
        InputStream bytes = opened.bytes();
        for (long left = opened.length(); left > 0; ) {
            int read = bytes.read(buffer, 0, (int) Math.min(buffer.length, left));
            if (read < 0) {
                throw new EOFException("an object ends too early");
            }
            out.write(buffer, 0, read);
            left -= read;
            position += read;
        }
    }

    /** The answer has ended; if it never began, what was opened for it is closed. */
    void abandon() {
        if (taken.compareAndSet(false, true)) {
            end();
        }
    }

    private void end() {
        open.release();
        try {
            opened.bytes().close();
        } catch (IOException e) {
            LOG.debugf("a stream from the store did not close: %s", e.getMessage());
        }
    }
}
