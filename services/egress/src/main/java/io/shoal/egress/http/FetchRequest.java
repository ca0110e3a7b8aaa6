package io.shoal.egress.http;

import io.shoal.bittorrent.metainfo.SourceUrl;
import java.time.Duration;

/**
 * What to fetch, and how much of it at most.
 *
 * @param url of scheme http or https
 * @param bytesMax bytes of the body, counted after decompression
 * @param timeout for everything from the look-up of the name to the last byte, redirects included
 */
public record FetchRequest(SourceUrl url, long bytesMax, Duration timeout) {
    public FetchRequest {
        if (url.scheme() == SourceUrl.Scheme.UDP || bytesMax < 1 || !timeout.isPositive()) {
            throw new IllegalArgumentException("cannot fetch " + url);
        }
    }
}
