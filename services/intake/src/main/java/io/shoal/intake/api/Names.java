package io.shoal.intake.api;

import org.jspecify.annotations.Nullable;

/** Names that people give to things. */
final class Names {
    static final int CHARS = 200;

    private Names() {}

    /** {@code text} without white space around it. */
    static String read(@Nullable String text) {
        String name = text == null ? "" : text.strip();
        if (name.isEmpty() || name.length() > CHARS || name.chars().anyMatch(Character::isISOControl)) {
            throw ProblemException.invalid(
                    ProblemKind.INVALID_FIELD, "name", "must have 1 to " + CHARS + " characters, none of control");
        }
        return name;
    }
}
