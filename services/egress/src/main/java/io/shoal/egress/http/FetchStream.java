package io.shoal.egress.http;

import io.netty.channel.EventLoop;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.ssl.SslContext;
import io.shoal.egress.Egress;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.util.Locale;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;
import org.jspecify.annotations.Nullable;

/**
 * Reads an answer on a thread that may block. A compressed body is decompressed by the reader, no further than it reads: a body
 * that becomes very large takes no more memory than the reader gives it. Read by one thread.
 */
public final class FetchStream extends InputStream {
    private static final Set<String> GZIP = Set.of("gzip", "x-gzip");

    private final ReceivedBody received;
    private final long bytesMax;
    private @Nullable InputStream decoded;
    private long count;

    private FetchStream(ReceivedBody received, long bytesMax) {
        this.received = received;
        this.bytesMax = bytesMax;
    }

    /**
     * Sends the request and returns when the head of the answer has arrived.
     *
     * @param abandoned ends the fetch with {@link FetchFailure#CANCELLED} when it completes, on any thread
     * @throws FetchException if no answer came
     */
    public static FetchStream open(
            EventLoop eventLoop, Egress egress, SslContext tls, FetchRequest request, CompletionStage<?> abandoned)
            throws IOException {
        FetchStream stream = new FetchStream(new ReceivedBody(eventLoop, egress, tls, request), request.bytesMax());
        stream.received.start();
        var _ = abandoned.thenRun(stream::close);
        try {
            stream.received.awaitHead();
        } catch (IOException e) {
            stream.close();
            throw e;
        }
        return stream;
    }

    /** The status of the answer. */
    public int status() {
        return received.status();
    }

    /** The headers of the answer. */
    public HttpHeaders headers() {
        return received.headers();
    }

    /** The magnet link that the answer redirects to; null if it does not. */
    public @Nullable String magnet() {
        String location = Location.of(status(), headers());
        return location != null && Location.isMagnet(location) ? location : null;
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] into, int offset, int length) throws IOException {
        Objects.checkFromIndexSize(offset, length, into.length);
        if (length == 0) {
            return 0;
        }
        int read = decode(into, offset, length);
        count += Math.max(0, read);
        if (count > bytesMax) {
            close();
            throw new FetchException(FetchFailure.TOO_LARGE);
        }
        return read;
    }

    private int decode(byte[] into, int offset, int length) throws IOException {
        try {
            if (decoded == null) {
                decoded = isCompressed() ? new GZIPInputStream(received) : received;
            }
            return decoded.read(into, offset, length);
        } catch (ZipException | EOFException e) {
            close();
            throw new FetchException(FetchFailure.MALFORMED);
        }
    }

    private boolean isCompressed() {
        String encoding = headers().get(HttpHeaderNames.CONTENT_ENCODING, "");
        return GZIP.contains(encoding.strip().toLowerCase(Locale.ROOT));
    }

    /** Ends the fetch, complete or not. */
    @Override
    public void close() {
        received.close();
    }
}
