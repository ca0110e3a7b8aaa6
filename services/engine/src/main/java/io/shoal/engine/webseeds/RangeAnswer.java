package io.shoal.engine.webseeds;

import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpHeaders;
import io.shoal.bittorrent.metainfo.SourceUrl;
import io.shoal.egress.http.FetchFailure;
import io.shoal.egress.http.FetchReceiver;
import io.shoal.egress.http.FetchRequest;
import io.shoal.engine.net.Loop;
import io.shoal.engine.webseeds.WebSeed.Codes;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeFormatter;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The answer to one request for a range of a file. Its bytes fill the queue's blocks in their order.
 *
 * <p>A server that does not know ranges sends the whole file. That is of use only if the range begins with the file's first byte, and then as far as
 * the blocks that are requested follow one another.
 *
 * <p>Invariant: the listener is told of exactly one end, and of nothing after it, also after a fault of ours, which is logged: a server chooses
 * these bytes, and must not be able to end a torrent.
 */
final class RangeAnswer implements FetchReceiver {
    private static final Logger LOG = LoggerFactory.getLogger(RangeAnswer.class);

    private static final Pattern CONTENT_RANGE = Pattern.compile("bytes (\\d{1,18})-(\\d{1,18})/(\\d{1,18}|\\*)");
    private static final Pattern SECONDS = Pattern.compile("\\d{1,9}");

    private final FileRange range;
    private final BlockQueue queue;
    private final Loop loop;
    private final Listener listener;

    /** Where the file begins in the torrent. */
    private final long fileBegin;

    private RangeClient.Request request = RangeClient.Request.ENDED;
    private long position;
    private long end;
    private long lastByteAt;
    private boolean isStreaming;
    private boolean hasEnded;

    /** Is notified of the answer. */
    interface Listener extends BlockQueue.Sink {
        /** @param isRange false if the server sends the whole file */
        void begun(boolean isRange);

        /** So many bytes were received. */
        void received(int bytes);

        /** The server sends more of the file than was requested: further blocks may be requested now. */
        void exhausted();

        /** All requested bytes were received. */
        void completed();

        /**
         * It failed.
         *
         * @param isRefusal whether the same request will hardly succeed soon
         * @param retryAfter how long the server asks to wait; zero if it does not say
         */
        void failed(String code, boolean isRefusal, Duration retryAfter);

        /** The server must not be asked again. */
        void unusable(String code);
    }

    private RangeAnswer(FileRange range, BlockQueue queue, Loop loop, Listener listener) {
        this.range = range;
        this.queue = queue;
        this.loop = loop;
        this.listener = listener;
        this.position = queue.position();
        this.fileBegin = position - range.offset();
        this.end = position + range.length();
        this.lastByteAt = loop.nanoTime();
    }

    /**
     * Sends the request.
     *
     * @param range begins with the queue's next byte
     * @param url of its file
     */
    static RangeAnswer request(
            FileRange range,
            SourceUrl url,
            BlockQueue queue,
            RangeClient.Requests requests,
            Loop loop,
            Listener listener) {
        RangeAnswer answer = new RangeAnswer(range, queue, loop, listener);
        long last = range.offset() + range.length() - 1;
        FetchRequest.Range bytes = new FetchRequest.Range(range.offset(), last);
        answer.request = requests.get(new FetchRequest(url, range.fileLength(), WebSeedLimits.REQUEST, bytes), answer);
        return answer;
    }

    /** Returns where the bytes that were asked for end in the torrent. */
    long end() {
        return end;
    }

    /** Whether the server sends the whole file. */
    boolean isStreaming() {
        return isStreaming;
    }

    /** Whether nothing has come for long. */
    boolean isSilent() {
        return loop.nanoTime() - lastByteAt > WebSeedLimits.SILENCE.toNanos();
    }

    void setReading(boolean reading) {
        lastByteAt = loop.nanoTime();
        request.setReading(reading);
    }

    /** The rest is not wanted. The listener is not called any more. */
    void abandon() {
        hasEnded = true;
        request.cancel();
    }

    // ---- The answer

    @Override
    public void head(int status, HttpHeaders headers) {
        guard(() -> {
            lastByteAt = loop.nanoTime();
            if (!headers.get(HttpHeaderNames.CONTENT_ENCODING, HttpHeaderValues.IDENTITY.toString())
                    .equalsIgnoreCase(HttpHeaderValues.IDENTITY.toString())) {
                failed(FetchFailure.MALFORMED.code(), true, Duration.ZERO);
                return;
            }
            Duration retryAfter = retryAfter(headers.get(HttpHeaderNames.RETRY_AFTER));
            switch (status) {
                case 206 -> range(headers.get(HttpHeaderNames.CONTENT_RANGE, ""));
                case 200 -> wholeFile(headers.get(HttpHeaderNames.CONTENT_LENGTH));
                case 416 -> unusable(Codes.WRONG_SIZE);
                case 404, 410 -> failed(Codes.NOT_FOUND, true, retryAfter);
                case 401, 403 -> failed(Codes.REFUSED, true, retryAfter);
                default -> failed("http-" + status, false, retryAfter);
            }
        });
    }

    private void range(String header) {
        Matcher matcher = CONTENT_RANGE.matcher(header.strip());
        if (!matcher.matches() || Long.parseLong(matcher.group(1)) != range.offset()) {
            failed(FetchFailure.MALFORMED.code(), true, Duration.ZERO);
        } else if (!matcher.group(3).equals("*") && Long.parseLong(matcher.group(3)) != range.fileLength()) {
            unusable(Codes.WRONG_SIZE);
        } else {
            listener.begun(true);
        }
    }

    private void wholeFile(@Nullable String length) {
        if (length != null && !length.strip().equals(Long.toString(range.fileLength()))) {
            unusable(Codes.WRONG_SIZE);
        } else if (range.offset() > 0) {
            unusable(Codes.NO_RANGE);
        } else {
            isStreaming = true;
            listener.begun(false);
        }
    }

    private Duration retryAfter(@Nullable String header) {
        if (header == null) {
            return Duration.ZERO;
        }
        String text = header.strip();
        if (SECONDS.matcher(text).matches()) {
            return Duration.ofSeconds(Integer.parseInt(text));
        }
        try {
            Instant until = DateTimeFormatter.RFC_1123_DATE_TIME.parse(text, Instant::from);
            return Duration.ofMillis(Math.max(0, until.toEpochMilli() - loop.epochMillis()));
        } catch (DateTimeException e) {
            return Duration.ZERO;
        }
    }

    @Override
    public void body(ByteBuf bytes) {
        guard(() -> {
            lastByteAt = loop.nanoTime();
            int before = bytes.readableBytes();
            while (!hasEnded && bytes.isReadable() && (position < end || isContinued())) {
                position += queue.fill(bytes, end - position, listener);
            }
            boolean isTooLong = bytes.isReadable();
            if (before > bytes.readableBytes()) {
                listener.received(before - bytes.readableBytes());
            }
            if (isTooLong && !hasEnded) {
                abandon();
                listener.completed();
            }
        });
    }

    /** Whether blocks are requested that the server goes on with. */
    private boolean isContinued() {
        if (isStreaming && queue.isEmpty()) {
            listener.exhausted();
        }
        if (!isStreaming || hasEnded || queue.isEmpty() || queue.position() != position) {
            return false;
        }
        end = Math.min(queue.contiguousEnd(), fileBegin + range.fileLength());
        return position < end;
    }

    @Override
    public void completed() {
        guard(() -> {
            if (position < end) {
                failed(Codes.SHORT, false, Duration.ZERO);
            } else {
                hasEnded = true;
                listener.completed();
            }
        });
    }

    @Override
    public void failed(FetchFailure failure) {
        guard(() -> {
            if (failure == FetchFailure.TOO_LARGE) {
                unusable(Codes.WRONG_SIZE);
            } else {
                failed(failure.code(), false, Duration.ZERO);
            }
        });
    }

    private void failed(String code, boolean isRefusal, Duration retryAfter) {
        abandon();
        listener.failed(code, isRefusal, retryAfter);
    }

    private void unusable(String code) {
        abandon();
        listener.unusable(code);
    }

    private void guard(Runnable task) {
        if (hasEnded) {
            return;
        }
        try {
            task.run();
        } catch (Throwable e) {
            LOG.error("A web seed's answer could not be handled", e);
            if (!hasEnded) {
                failed(Codes.INTERNAL, true, Duration.ZERO);
            }
        }
    }
}
