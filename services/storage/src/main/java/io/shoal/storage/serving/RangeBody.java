package io.shoal.storage.serving;

import io.shoal.objectstore.StoreUnavailableException;
import io.shoal.storage.streams.OpenStream;
import io.shoal.storage.streams.StreamLimits;
import io.vertx.core.http.HttpServerRequest;
import jakarta.ws.rs.core.HttpHeaders;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jboss.logging.Logger;

/**
 * Bytes of a file on their way to a reader, as fast as the reader takes them. The stream's place is given back when the reader
 * has taken all of them, when the answer is broken off, or when the body is abandoned instead of being sent.
 */
final class RangeBody {
    private static final Logger LOG = Logger.getLogger(RangeBody.class);

    /** Readers that take nothing are disconnected by {@link io.shoal.storage.streams.OpenStreams}, which ends the wait. */
    private static final Duration WITHOUT_END = Duration.ofDays(1);

    private final HttpServerRequest request;
    private final OpenStream stream;
    private final StreamLimits limits;
    private final StoreStream source;
    private final long length;
    /** Set by the one thread that sends or abandons the body. */
    private final AtomicBoolean begun = new AtomicBoolean();

    /**
     * Opens the bytes of {@code file} from {@code first} up to {@code end}, to answer {@code request} with. The first object is
     * open when this returns, so that what can be refused is refused before an answer begins. Closes {@code stream}, also if
     * it throws.
     */
    RangeBody(
            HttpServerRequest request,
            OpenStream stream,
            StreamLimits limits,
            FileReader reader,
            StoredFile file,
            long first,
            long end)
            throws RefusedException, StoreUnavailableException {
        this.request = request;
        this.stream = stream;
        this.limits = limits;
        this.length = end - first;
        boolean opened = false;
        try {
            source = new StoreStream(reader, file, first, end, stream, limits.storePatience());
            opened = true;
        } finally {
            if (!opened) {
                stream.close();
            }
        }
    }

    /** Sends all bytes, or breaks the answer off. Throws nothing: what it threw would be logged together with the link. */
    void send() {
        if (!begun.compareAndSet(false, true)) {
            return; // the reader is gone
        }
        // The other headers are written with the first bytes; this one must be known before them.
        request.response().putHeader(HttpHeaders.CONTENT_LENGTH, Long.toString(length));
        BoundedResponse response = new BoundedResponse(request, stream);
        try {
            copy(response);
            response.end();
        } catch (BoundedResponse.ClosedResponseException e) {
            response.reset();
        } catch (RefusedException | StoreUnavailableException | IOException e) {
            LOG.warnf("a file is not served to its end: %s", e.getMessage());
            response.reset();
        } catch (InterruptedException e) {
            response.reset();
            Thread.currentThread().interrupt();
        } catch (Throwable e) {
            LOG.error("a file is not served to its end", e);
            response.reset();
        } finally {
            release();
        }
    }

    private void copy(BoundedResponse response)
            throws RefusedException, StoreUnavailableException, IOException, InterruptedException {
        byte[] chunk = new byte[(int) Math.min(BoundedResponse.CHUNK, length)];
        while (source.hasMore()) {
            if (!response.awaitRoom(limits.stall())) {
                source.release();
                response.awaitRoom(WITHOUT_END);
            }
            response.write(chunk, source.read(chunk));
        }
        source.release();
        response.awaitTaken(WITHOUT_END);
    }

    /** The answer has ended: if it never began, what was opened for it is closed. */
    void abandon() {
        stream.end(OpenStream.Ending.READER_GONE);
        if (begun.compareAndSet(false, true)) {
            Thread.startVirtualThread(this::release);
        }
    }

    private void release() {
        source.release();
        stream.close();
    }
}
