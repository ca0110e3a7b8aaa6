package io.shoal.intake.api;

import org.jspecify.annotations.Nullable;

/** The reasons that operators give, which only operators see. */
final class Reasons {
    static final int CHARS = 1_000;

    private Reasons() {}

    /** The reason as it is stored. */
    static @Nullable String check(@Nullable String text) {
        if (text != null && !isGood(text)) {
            throw ProblemException.invalid(
                    ProblemKind.INVALID_FIELD,
                    "reason",
                    "must be at most " + CHARS + " characters long, without control characters");
        }
        return text;
    }

    /** Whether UTF-8 and the database can hold it. */
    static boolean isGood(String text) {
        return text.length() <= CHARS
                && text.codePoints()
                        .noneMatch(c -> Character.isISOControl(c) || Character.getType(c) == Character.SURROGATE);
    }
}
