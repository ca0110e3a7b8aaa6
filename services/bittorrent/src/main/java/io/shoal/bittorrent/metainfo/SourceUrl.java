package io.shoal.bittorrent.metainfo;

import io.shoal.bittorrent.Limits;
import java.net.IDN;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * The URL of a tracker, a web seed or a .torrent, read as leniently as other clients read it: sites write pipes, underscores, spaces and
 * letters of all scripts into their URLs. What must not stand in a request line is percent-encoded, and nothing else is changed.
 * Whether an address may be reached is decided where it is connected to.
 *
 * @param scheme one of http, https and udp
 * @param userInfo {@code user:password} as it stands in the URL; null if there is none
 * @param host a name in ASCII and lower case, or an address; an IPv6 address without brackets
 * @param port from 1 to 65535: the scheme's default where the URL has none
 * @param target path and query as they are sent; begins with a slash
 */
public record SourceUrl(Scheme scheme, @Nullable String userInfo, String host, int port, String target) {
    /** What a URL's server speaks. */
    public enum Scheme {
        HTTP(80),
        HTTPS(443),
        /** BEP 15 names no default port; 80 is what other clients take. */
        UDP(80);

        private final int defaultPort;

        Scheme(int defaultPort) {
            this.defaultPort = defaultPort;
        }
    }

    private static final int HOST_CHARS = 253;

    /** A redirect may repeat the whole query of an announce. */
    private static final int LOCATION_CHARS = 4 * Limits.URL_BYTES;

    /** Whether {@code url} names an HTTP or UDP tracker (BEP 3, 15). */
    public static boolean isTracker(String url) {
        return parse(url) != null;
    }

    /** Whether {@code url} names an HTTP web seed (BEP 19). */
    public static boolean isWebSeed(String url) {
        SourceUrl parsed = parse(url);
        return parsed != null && parsed.scheme != Scheme.UDP;
    }

    /**
     * Parses {@code url}. Returns null if it has no scheme, host or port that can be used, or more than {@link Limits#URL_BYTES}
     * bytes in UTF-8: URLs end up in Kafka records.
     */
    public static @Nullable SourceUrl parse(String url) {
        return parse(url, Limits.URL_BYTES);
    }

    /** Parses {@code url}, which is not kept and may have up to {@code bytesMax} bytes in UTF-8. */
    public static @Nullable SourceUrl parse(String url, int bytesMax) {
        if (url.length() > bytesMax || url.getBytes(StandardCharsets.UTF_8).length > bytesMax) {
            return null;
        }
        return read(url.strip());
    }

    private static @Nullable SourceUrl read(String text) {
        int colon = text.indexOf("://");
        Scheme scheme = colon < 0 ? null : scheme(text.substring(0, colon));
        if (scheme == null) {
            return null;
        }
        int from = colon + 3;
        int to = endOfAuthority(text, from);
        int at = text.lastIndexOf('@', to - 1);
        String userInfo = at >= from ? text.substring(from, at) : null;
        return of(scheme, userInfo, text.substring(Math.max(from, at + 1), to), text.substring(to));
    }

    private static @Nullable Scheme scheme(String name) {
        return switch (name.toLowerCase(Locale.ROOT)) {
            case "http" -> Scheme.HTTP;
            case "https" -> Scheme.HTTPS;
            case "udp" -> Scheme.UDP;
            default -> null;
        };
    }

    private static int endOfAuthority(String text, int from) {
        int at = from;
        while (at < text.length() && "/?#".indexOf(text.charAt(at)) < 0) {
            at++;
        }
        return at;
    }

    private static @Nullable SourceUrl of(Scheme scheme, @Nullable String userInfo, String server, String target) {
        int bracket = server.indexOf(']');
        int colon = server.indexOf(':', bracket + 1);
        String host = host(colon < 0 ? server : server.substring(0, colon));
        String digits = colon < 0 ? "" : server.substring(colon + 1);
        int port = digits.isEmpty() ? scheme.defaultPort : port(digits);
        return host == null || port == 0 ? null : new SourceUrl(scheme, userInfo, host, port, encoded(target));
    }

    private static @Nullable String host(String text) {
        boolean isV6 = text.startsWith("[") && text.endsWith("]");
        String host = isV6 ? text.substring(1, text.length() - 1) : text;
        boolean usable = isV6
                ? host.chars().allMatch(c -> Character.digit(c, 16) >= 0 || c == ':' || c == '.')
                : host.chars().noneMatch(c -> c <= ' ' || c == 0x7f || "[]<>\"\\^`{}|%@:".indexOf(c) >= 0);
        if (!usable || host.isEmpty()) {
            return null;
        }
        try {
            String ascii = isV6 ? host : IDN.toASCII(host, IDN.ALLOW_UNASSIGNED);
            return ascii.isEmpty() || ascii.length() > HOST_CHARS ? null : ascii.toLowerCase(Locale.ROOT);
        } catch (IllegalArgumentException e) {
            return null; // labels that are empty or too long
        }
    }

    /** Returns 0 for what is no port. */
    private static int port(String digits) {
        if (digits.length() > 5 || !digits.chars().allMatch(c -> c >= '0' && c <= '9')) {
            return 0;
        }
        int port = Integer.parseInt(digits);
        return port > 0xffff ? 0 : port;
    }

    private static String encoded(String rest) {
        int fragment = rest.indexOf('#');
        String target = fragment < 0 ? rest : rest.substring(0, fragment);
        StringBuilder encoded = new StringBuilder(target.length() + 1);
        if (!target.startsWith("/")) {
            encoded.append('/');
        }
        for (byte b : target.getBytes(StandardCharsets.UTF_8)) {
            char c = (char) (b & 0xff);
            if (c > ' ' && c < 0x7f) {
                encoded.append(c);
            } else {
                encoded.append('%').append(HexFormat.of().withUpperCase().toHexDigits(b));
            }
        }
        return encoded.toString();
    }

    /** Resolves a redirect's {@code location}: absolute, or relative to this URL. Returns null if it cannot be used. */
    public @Nullable SourceUrl resolve(String location) {
        String text = location.strip();
        if (text.length() > LOCATION_CHARS) {
            return null;
        }
        if (text.startsWith("//")) {
            return read(scheme.name() + ":" + text);
        }
        int colon = text.indexOf(':');
        if (colon >= 0 && colon < endOfAuthority(text, 0)) {
            return read(text);
        }
        String path = target.substring(0, endOfPath());
        String base = switch (text.isEmpty() ? '#' : text.charAt(0)) {
            case '/' -> "";
            case '?' -> path;
            case '#' -> target;
            default -> path.substring(0, path.lastIndexOf('/') + 1);
        };
        return new SourceUrl(scheme, userInfo, host, port, encoded(base + text));
    }

    private int endOfPath() {
        int query = target.indexOf('?');
        return query < 0 ? target.length() : query;
    }

    /** Whether {@code other} has the same scheme, host and port: only there may credentials go too. */
    public boolean hasOriginOf(SourceUrl other) {
        return scheme == other.scheme && host.equals(other.host) && port == other.port;
    }

    /** This URL with other credentials, or with none. */
    public SourceUrl withUserInfo(@Nullable String other) {
        return new SourceUrl(scheme, other, host, port, target);
    }

    /** This URL with another path and query, which must begin with a slash and be fit for a request line. */
    public SourceUrl withTarget(String other) {
        return new SourceUrl(scheme, userInfo, host, port, other);
    }

    /** {@code host:port} as in a {@code Host} header: the port only if it is not the scheme's own. */
    public String authority() {
        String name = host.indexOf(':') >= 0 ? "[" + host + "]" : host;
        return port == scheme.defaultPort ? name : name + ":" + port;
    }

    /** The value of an {@code Authorization} header (RFC 7617) for the URL's user and password; null if it has none. */
    public @Nullable String authorization() {
        if (userInfo == null || userInfo.isEmpty()) {
            return null;
        }
        String plain = userInfo;
        try {
            plain = URLDecoder.decode(userInfo.replace("+", "%2B"), StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            // A percent sign that is not part of an escape stands for itself.
        }
        String credentials = plain.indexOf(':') < 0 ? plain + ":" : plain;
        return "Basic " + Base64.getEncoder().encodeToString(credentials.getBytes(StandardCharsets.UTF_8));
    }

    /** Scheme and server only: the rest may be a secret, such as a passkey. */
    @Override
    public String toString() {
        return scheme.name().toLowerCase(Locale.ROOT) + "://" + authority();
    }
}
