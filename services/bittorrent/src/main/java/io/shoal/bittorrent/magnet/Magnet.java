package io.shoal.bittorrent.magnet;

import io.shoal.bittorrent.InfoHash;
import io.shoal.bittorrent.Limits;
import io.shoal.bittorrent.metainfo.MetainfoException;
import io.shoal.bittorrent.metainfo.SourceUrl;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * A magnet link (BEP 9): the name of a torrent and hints where its metadata may be found.
 *
 * @param infoHash from {@code xt=urn:btih:}, in hexadecimal or base32
 * @param name {@code dn}: what to call it until the metadata says better
 * @param trackers {@code tr}, each of http, https or udp; at most {@link Limits#TRACKERS}
 * @param webSeeds {@code ws}; at most {@link Limits#WEB_SEEDS}
 * @param peers {@code x.pe}: {@code host:port} of peers; at most {@link #PEERS}
 * @param selectOnly {@code so} (BEP 53): indexes of the files that are wanted, inclusive ranges; null when all are
 */
public record Magnet(
        InfoHash infoHash,
        @Nullable String name,
        List<String> trackers,
        List<String> webSeeds,
        List<String> peers,
        @Nullable List<FileRange> selectOnly) {

    /** Peers that are kept of a magnet; more are dropped. */
    public static final int PEERS = 64;

    private static final String BTIH = "urn:btih:";
    private static final String BASE32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

    public Magnet {
        trackers = List.copyOf(trackers);
        webSeeds = List.copyOf(webSeeds);
        peers = List.copyOf(peers);
        selectOnly = selectOnly == null ? null : List.copyOf(selectOnly);
    }

    /**
     * Files from {@code first} to {@code last}, both included.
     */
    public record FileRange(int first, int last) {
        public FileRange {
            if (first < 0 || last < first || last >= Limits.FILES) {
                throw new IllegalArgumentException("no range of files: " + first + "-" + last);
            }
        }
    }

    /**
     * Parses {@code uri}. Unusable hints are left out. A missing or wrong info-hash is an error, and so is an
     * unreadable selection of files, because the tenant would get other files.
     */
    public static Magnet parse(String uri) throws MetainfoException {
        if (uri.length() > Limits.MAGNET_CHARS) {
            throw new MetainfoException("magnet", "must not be longer than 16384 characters");
        }
        if (!uri.regionMatches(true, 0, "magnet:?", 0, "magnet:?".length())) {
            throw new MetainfoException("magnet", "must begin with magnet:?");
        }
        InfoHash infoHash = null;
        String name = null;
        List<String> trackers = new ArrayList<>();
        List<String> webSeeds = new ArrayList<>();
        List<String> peers = new ArrayList<>();
        List<FileRange> selectOnly = null;
        for (String pair : uri.substring("magnet:?".length()).split("&", -1)) {
            int equals = pair.indexOf('=');
            if (equals <= 0) {
                continue;
            }
            String key = pair.substring(0, equals).toLowerCase(Locale.ROOT);
            if (key.startsWith("amp;")) { // copied from the source of a page
                key = key.substring(4);
            }
            String value = decode(pair.substring(equals + 1));
            if (value == null) {
                continue; // not well-formed percent escapes, as in names that were not escaped
            }
            switch (key.replaceFirst("\\.\\d+$", "")) {
                case "xt" -> infoHash = exactTopic(value, infoHash);
                case "dn" -> name = name == null ? value : name;
                case "tr" -> addUsable(trackers, value, SourceUrl.isTracker(value), Limits.TRACKERS);
                case "ws" -> addUsable(webSeeds, value, SourceUrl.isWebSeed(value), Limits.WEB_SEEDS);
                case "x.pe" -> addUsable(peers, value, isPeer(value), PEERS);
                case "so" -> selectOnly = selectOnly(value);
                default -> {}
            }
        }
        if (infoHash == null) {
            throw new MetainfoException("magnet.xt", "must be urn:btih: and 40 hexadecimal or 32 base32 characters");
        }
        return new Magnet(infoHash, name, trackers, webSeeds, peers, selectOnly);
    }

    private static @Nullable String decode(String value) {
        try {
            return URLDecoder.decode(value.replace("+", "%2B"), StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            return null;
        }
    }

    private static boolean isPeer(String value) {
        return value.length() <= 300 && value.indexOf(':') > 0 && value.chars().allMatch(c -> c > ' ' && c < 0x7f);
    }

    private static void addUsable(List<String> list, String value, boolean usable, int max) {
        if (usable && list.size() < max && !list.contains(value)) {
            list.add(value);
        }
    }

    private static @Nullable InfoHash exactTopic(String topic, @Nullable InfoHash before) throws MetainfoException {
        if (!topic.regionMatches(true, 0, BTIH, 0, BTIH.length())) {
            return before; // another kind of topic, such as btmh: version 2
        }
        String digits = topic.substring(BTIH.length());
        InfoHash hash;
        try {
            hash = digits.length() == 32 ? InfoHash.of(base32(digits)) : InfoHash.ofHex(digits);
        } catch (IllegalArgumentException e) {
            throw new MetainfoException("magnet.xt", "must have 40 hexadecimal or 32 base32 characters");
        }
        if (before != null && !before.equals(hash)) {
            throw new MetainfoException("magnet.xt", "must name one torrent, not several");
        }
        return hash;
    }

    private static byte[] base32(String digits) {
        byte[] bytes = new byte[InfoHash.LENGTH];
        long bits = 0;
        int count = 0;
        int at = 0;
        for (int i = 0; i < digits.length(); i++) {
            char c = digits.charAt(i);
            int value = BASE32.indexOf(c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c);
            if (value < 0) {
                throw new IllegalArgumentException("not base32");
            }
            bits = bits << 5 | value;
            count += 5;
            if (count >= 8) {
                count -= 8;
                bytes[at++] = (byte) (bits >> count);
            }
        }
        return bytes;
    }

    private static List<FileRange> selectOnly(String value) throws MetainfoException {
        List<FileRange> ranges = new ArrayList<>();
        try {
            for (String range : value.split(",", -1)) {
                int dash = range.indexOf('-');
                int first = Integer.parseInt(dash < 0 ? range : range.substring(0, dash));
                ranges.add(new FileRange(first, dash < 0 ? first : Integer.parseInt(range.substring(dash + 1))));
            }
        } catch (IllegalArgumentException e) {
            throw new MetainfoException("magnet.so", "must be a list of file indexes and ranges, such as 0,2,4-7");
        }
        return ranges;
    }
}
