package io.shoal.egress.http;

import io.shoal.bittorrent.metainfo.SourceUrl;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * What to fetch, and how much of it at most.
 *
 * @param url of scheme http or https
 * @param bytesMax bytes of the body, counted after decompression
 * @param timeout for everything from the look-up of the name to the last byte, redirects included
 * @param range the bytes that are asked for; null for all. A server may answer with all of them nevertheless
 */
public record FetchRequest(
        SourceUrl url,
        long bytesMax,
        Duration timeout,
        @Nullable Range range) {
    /**
     * Bytes of a resource.
     *
     * @param from the first byte
     * @param last the last byte, included
     */
    public record Range(long from, long last) {
        public Range {
            if (from < 0 || last < from) {
                throw new IllegalArgumentException("no range: " + from + "-" + last);
            }
        }

        /** The value of a {@code Range} header (RFC 9110, section 14.2). */
        @Override
        public String toString() {
            return "bytes=" + from + "-" + last;
        }
    }

    public FetchRequest {
        if (url.scheme() == SourceUrl.Scheme.UDP || bytesMax < 1 || !timeout.isPositive()) {
            throw new IllegalArgumentException("cannot fetch " + url);
        }
    }

    /** A request for all of it. */
    public FetchRequest(SourceUrl url, long bytesMax, Duration timeout) {
        this(url, bytesMax, timeout, null);
    }
}
