package io.shoal.bittorrent;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * The program that a peer id names (BEP 20), for peers that do not introduce themselves otherwise. A peer may claim any name, so the
 * result is for display only: short printable ASCII, or empty.
 */
public final class ClientNames {
    private static final int CODE_FROM = 1;
    private static final int CODE_TO = 3;
    private static final int VERSION_TO = 7;

    private static final Map<String, String> AZUREUS_STYLE = Map.ofEntries(
            Map.entry("7T", "aTorrent"),
            Map.entry("AZ", "Vuze"),
            Map.entry("BC", "BitComet"),
            Map.entry("BG", "BiglyBT"),
            Map.entry("BT", "BitTorrent"),
            Map.entry("DE", "Deluge"),
            Map.entry("FD", "Free Download Manager"),
            Map.entry("FW", "FrostWire"),
            Map.entry("GT", "anacrolix/torrent"),
            Map.entry("KT", "KTorrent"),
            Map.entry("LT", "libtorrent"),
            Map.entry("lt", "rTorrent"),
            Map.entry("PI", "PicoTorrent"),
            Map.entry("rQ", "rqbit"),
            Map.entry("SH", "Shoal"),
            Map.entry("TL", "Tribler"),
            Map.entry("TR", "Transmission"),
            Map.entry("TX", "Tixati"),
            Map.entry("UM", "uTorrent for Mac"),
            Map.entry("UT", "uTorrent"),
            Map.entry("UW", "uTorrent Web"),
            Map.entry("WW", "WebTorrent"),
            Map.entry("XL", "Xunlei"),
            Map.entry("qB", "qBittorrent"));

    private ClientNames() {}

    /** Returns the name and version that {@code id} claims; empty if it has no known form. */
    public static String of(PeerId id) {
        String text = new String(id.bytes(), StandardCharsets.ISO_8859_1);
        if (text.charAt(0) == '-' && text.charAt(VERSION_TO) == '-') {
            String code = text.substring(CODE_FROM, CODE_TO);
            List<Integer> version = version(text.substring(CODE_TO, VERSION_TO));
            return isPrintable(code) && !version.isEmpty()
                    ? named(AZUREUS_STYLE.getOrDefault(code, code), version)
                    : "";
        }
        return text.startsWith("A2-") ? "aria2" : "";
    }

    /** Returns the parts of a version; none if they are not digits or letters. */
    private static List<Integer> version(String digits) {
        List<Integer> parts = new ArrayList<>();
        for (int i = 0; i < digits.length(); i++) {
            int part = digits.charAt(i) < 128 ? Character.digit(digits.charAt(i), Character.MAX_RADIX) : -1;
            if (part < 0) {
                return List.of();
            }
            parts.add(part);
        }
        while (parts.size() > 2 && parts.getLast() == 0) {
            parts.removeLast();
        }
        return parts;
    }

    private static String named(String name, List<Integer> version) {
        return name + " "
                + String.join(".", version.stream().map(String::valueOf).toList());
    }

    private static boolean isPrintable(String code) {
        return code.chars().allMatch(c -> c > ' ' && c < 127);
    }
}
