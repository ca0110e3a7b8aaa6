package io.shoal.intake.api;

import java.util.Locale;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Info-hashes in paths and lists, as lower-case hexadecimal digits. */
final class Hashes {
    private static final Pattern V1 = Pattern.compile("[0-9a-f]{40}");
    private static final Pattern ANY_VERSION = Pattern.compile("([0-9a-f]{40}|[0-9a-f]{64})");

    private Hashes() {}

    /** Returns the v1 info-hash in the parameter {@code field}, given in either case; refuses any other text. */
    static String v1(String field, String text) {
        String lower = text.toLowerCase(Locale.ROOT);
        if (!V1.matcher(lower).matches()) {
            throw ProblemException.invalid(
                    ProblemKind.INVALID_FIELD, field, "must be a v1 info-hash: 40 hexadecimal digits");
        }
        return lower;
    }

    /** Returns the v1 or v2 info-hash in the parameter {@code field}, given in either case; refuses any other text. */
    static String anyVersion(String field, String text) {
        String lower = text.toLowerCase(Locale.ROOT);
        if (!isAnyVersion(lower)) {
            throw ProblemException.invalid(
                    ProblemKind.INVALID_FIELD, field, "must be an info-hash: 40 hexadecimal digits (v1) or 64 (v2)");
        }
        return lower;
    }

    /** Returns whether the text is a v1 or v2 info-hash in lower case. */
    static boolean isAnyVersion(String text) {
        return ANY_VERSION.matcher(text).matches();
    }

    /** The hash after which a page begins; the empty text without a cursor. */
    static String cursor(@Nullable String cursor) {
        if (cursor != null && !isAnyVersion(cursor)) {
            throw ProblemException.invalid(ProblemKind.INVALID_FIELD, "cursor", "must be the next of a page before");
        }
        return cursor == null ? "" : cursor;
    }
}
