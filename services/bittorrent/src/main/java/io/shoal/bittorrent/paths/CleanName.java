package io.shoal.bittorrent.paths;

import java.nio.charset.StandardCharsets;
import java.text.Normalizer;
import java.util.BitSet;
import java.util.regex.Pattern;

/**
 * The rules for one name: a path component that any file system, archive and header can hold, and that a person can
 * read. Cleaning a clean name changes nothing.
 */
final class CleanName {
    /** Bytes of UTF-8 that every common file system takes in one name. */
    static final int MAX_BYTES = 255;

    /** Replaces forbidden characters, and a name of which nothing is left. */
    private static final String STAND_IN = "_";

    private static final String FORBIDDEN = "/\\:*?\"<>|";
    /** Printable ASCII that is allowed. */
    private static final BitSet PLAIN = new BitSet();

    static {
        PLAIN.set(' ', '~' + 1);
        FORBIDDEN.chars().forEach(PLAIN::clear);
    }

    /** Windows takes these for devices, whatever the extension; superscript digits count there too. */
    private static final Pattern DEVICE =
            Pattern.compile("(?i)(con|prn|aux|nul|conin\\$|conout\\$|(com|lpt)[0-9\u00b9\u00b2\u00b3])\\s*(\\..*)?");

    /** An extension that is worth keeping when the name before it is cut. */
    private static final int EXTENSION_BYTES = 20;

    private static final int ZERO_WIDTH_NON_JOINER = 0x200c;
    private static final int ZERO_WIDTH_JOINER = 0x200d;

    private CleanName() {}

    static String of(String raw) {
        String name = withoutDotAtTheEnd((isPlain(raw) ? raw : visible(raw)).strip());
        if (name.isEmpty()) {
            return STAND_IN;
        }
        if (DEVICE.matcher(name).matches()) {
            name = STAND_IN + name;
        }
        return withSuffix(name, "");
    }

    /** {@code clean} with {@code suffix} before its extension, the name cut where it would be too long. */
    static String withSuffix(String clean, String suffix) {
        if (suffix.isEmpty() && bytes(clean) <= MAX_BYTES) {
            return clean;
        }
        int dot = clean.lastIndexOf('.');
        boolean kept = dot > 0 && bytes(clean.substring(dot)) <= EXTENSION_BYTES;
        String stem = kept ? clean.substring(0, dot) : clean;
        String extension = kept ? clean.substring(dot) : "";
        String cut = cut(stem, MAX_BYTES - bytes(suffix) - bytes(extension));
        if (suffix.isEmpty()) {
            cut = withoutDotAtTheEnd(cut);
        }
        return (cut.isEmpty() ? STAND_IN : cut) + suffix + extension;
    }

    /** Whether all characters are allowed, which is quickly decided for most names. */
    private static boolean isPlain(String raw) {
        for (int i = 0; i < raw.length(); i++) {
            if (!PLAIN.get(raw.charAt(i))) {
                return false;
            }
        }
        return true;
    }

    /** Removes dots and spaces at the end, in any order. */
    private static String withoutDotAtTheEnd(String name) {
        int end = name.length();
        while (end > 0 && (name.charAt(end - 1) == '.' || Character.isWhitespace(name.charAt(end - 1)))) {
            end--;
        }
        return name.substring(0, end);
    }

    private static String visible(String raw) {
        StringBuilder visible = new StringBuilder(raw.length());
        Normalizer.normalize(raw, Normalizer.Form.NFC).codePoints().forEach(c -> append(visible, c));
        return visible.toString();
    }

    private static void append(StringBuilder name, int c) {
        switch (Character.getType(c)) {
            case Character.CONTROL, Character.LINE_SEPARATOR, Character.PARAGRAPH_SEPARATOR, Character.SURROGATE ->
                name.append(STAND_IN);
            case Character.FORMAT -> {
                // Marks of direction and other invisible ones go; the joiners are part of how words and emoji are
                // written.
                if (c == ZERO_WIDTH_NON_JOINER || c == ZERO_WIDTH_JOINER) {
                    name.appendCodePoint(c);
                }
            }
            default -> {
                if (FORBIDDEN.indexOf(c) >= 0) {
                    name.append(STAND_IN);
                } else {
                    name.appendCodePoint(c);
                }
            }
        }
    }

    private static String cut(String text, int maxBytes) {
        int bytes = 0;
        for (int i = 0; i < text.length(); ) {
            int c = text.codePointAt(i);
            bytes += c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
            if (bytes > maxBytes) {
                return text.substring(0, i);
            }
            i += Character.charCount(c);
        }
        return text;
    }

    private static int bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8).length;
    }
}
