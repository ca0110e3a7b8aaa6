package io.shoal.intake.api;

import org.jspecify.annotations.Nullable;

/** Names that clients give to tenants, keys, passkeys, categories and transfers. */
final class Names {
    static final int CHARS = 200;

    private Names() {}

    /** {@code text} without white space around it. */
    static String read(@Nullable String text) {
        return read("name", text);
    }

    /** The {@code text} of a field, without white space around it. */
    static String read(String field, @Nullable String text) {
        String name = text == null ? "" : text.strip();
        if (name.isEmpty()
                || name.length() > CHARS
                || name.chars().anyMatch(Character::isISOControl)
                || !Texts.isStorable(name)) {
            throw ProblemException.invalid(
                    ProblemKind.INVALID_FIELD,
                    field,
                    "must be 1 to " + CHARS + " characters long, without control characters");
        }
        return name;
    }
}
