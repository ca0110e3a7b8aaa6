package io.shoal.bittorrent.metainfo;

import io.shoal.bittorrent.Limits;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/**
 * Decides which URLs of a torrent or magnet can be used at all, and bounds each in bytes, not characters, because they
 * become part of Kafka records. Whether an address may be reached is decided when it is connected to.
 */
public final class Urls {
    private Urls() {}

    /** Whether {@code url} names an HTTP or UDP tracker (BEP 3, 15). */
    public static boolean isTracker(String url) {
        return hasScheme(url, "http", "https", "udp");
    }

    /** Whether {@code url} names an HTTP web seed (BEP 19). */
    public static boolean isWebSeed(String url) {
        return hasScheme(url, "http", "https");
    }

    private static boolean hasScheme(String url, String... schemes) {
        if (url.length() > Limits.URL_BYTES || url.getBytes(StandardCharsets.UTF_8).length > Limits.URL_BYTES) {
            return false;
        }
        try {
            URI uri = new URI(url);
            if (uri.getScheme() == null
                    || uri.getHost() == null
                    || uri.getHost().isEmpty()) {
                return false;
            }
            String scheme = uri.getScheme().toLowerCase(Locale.ROOT);
            for (String allowed : schemes) {
                if (allowed.equals(scheme)) {
                    int port = uri.getPort();
                    return port == -1 ? !scheme.equals("udp") : port > 0 && port <= 65_535;
                }
            }
            return false;
        } catch (URISyntaxException e) {
            return false;
        }
    }
}
