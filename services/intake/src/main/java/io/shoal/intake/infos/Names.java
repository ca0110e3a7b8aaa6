package io.shoal.intake.infos;

import io.shoal.bittorrent.metainfo.Info;
import java.util.List;

/** Names out of torrents and magnets, made fit to be shown and to be saved under. */
public final class Names {
    private static final int CHARS = 200;

    private Names() {}

    /** One name: no separators, control or bidi characters, never empty nor a folder's own name, and not too long. */
    public static String clean(String name) {
        StringBuilder clean = new StringBuilder();
        name.codePoints()
                .filter(c -> !isForbidden(c))
                .limit(CHARS)
                .forEach(clean::appendCodePoint);
        String stripped = clean.toString().strip();
        return stripped.isEmpty() || stripped.chars().allMatch(c -> c == '.') ? "_" : stripped;
    }

    static List<List<String>> paths(Info info) {
        return info.files().stream()
                .map(file -> file.path().stream().map(Names::clean).toList())
                .toList();
    }

    private static boolean isForbidden(int c) {
        return switch (Character.getType(c)) {
            case Character.CONTROL, Character.FORMAT, Character.SURROGATE, Character.UNASSIGNED,
                    Character.LINE_SEPARATOR, Character.PARAGRAPH_SEPARATOR -> true;
            default -> c == '/' || c == '\\';
        };
    }
}
