package io.shoal.bittorrent.paths;

import java.nio.charset.StandardCharsets;

/**
 * The value of a Content-Disposition header (RFC 6266): a plain name that every client reads and, where that is
 * inexact, the exact one in the encoding of RFC 8187. The value is one line of printable ASCII for any name.
 */
public final class ContentDisposition {
    private static final String ATTR_CHARS = "!#$&+-.^_`|~";
    private static final String HEX = "0123456789ABCDEF";

    private ContentDisposition() {}

    /** For saving as {@code name}, which is cleaned first. */
    public static String attachment(String name) {
        return value("attachment", CleanName.of(name));
    }

    /** For showing, and saving as {@code name}, which is cleaned first. */
    public static String inline(String name) {
        return value("inline", CleanName.of(name));
    }

    private static String value(String type, String name) {
        StringBuilder plain = new StringBuilder(name.length());
        // A percent sign is left out too: some clients would decode what follows it.
        name.codePoints().forEach(c -> plain.append(c >= ' ' && c < 0x7f && c != '%' ? (char) c : '_'));
        String value = type + "; filename=\"" + plain + "\"";
        return name.contentEquals(plain) ? value : value + "; filename*=UTF-8''" + encoded(name);
    }

    private static String encoded(String name) {
        StringBuilder text = new StringBuilder();
        for (byte b : name.getBytes(StandardCharsets.UTF_8)) {
            char c = (char) (b & 0xff);
            if (c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || ATTR_CHARS.indexOf(c) >= 0) {
                text.append(c);
            } else {
                text.append('%').append(HEX.charAt(c >> 4)).append(HEX.charAt(c & 15));
            }
        }
        return text.toString();
    }
}
