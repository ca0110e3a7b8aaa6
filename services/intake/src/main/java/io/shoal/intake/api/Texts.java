package io.shoal.intake.api;

import java.time.Instant;

/**
 * The text and the times that can be stored: those that UTF-8, JSON and PostgreSQL keep unchanged. One rule for every field and
 * cursor, so that none of them fails in the database.
 */
final class Texts {
    /** The rule in a problem. */
    static final String RULE = "must be valid Unicode text without NUL characters";

    /** Characters of a client's text that are repeated in a problem. */
    private static final int SHOWN = 100;

    private static final Instant FIRST = Instant.parse("1970-01-01T00:00:00Z");
    private static final Instant LAST = Instant.parse("9999-12-31T23:59:59.999999999Z");

    private Texts() {}

    /** Returns whether {@code text} has neither NUL characters nor unpaired surrogates. */
    static boolean isStorable(String text) {
        return text.codePoints().noneMatch(Texts::isUnstorable);
    }

    /** Returns whether the database can store {@code moment}. */
    static boolean isStorable(Instant moment) {
        return !moment.isBefore(FIRST) && !moment.isAfter(LAST);
    }

    /** The beginning of {@code text}, fit to be repeated in an answer. */
    static String shown(String text) {
        StringBuilder shown = new StringBuilder();
        text.codePoints().limit(SHOWN).map(c -> isUnstorable(c) ? 0xfffd : c).forEach(shown::appendCodePoint);
        return shown.toString();
    }

    private static boolean isUnstorable(int c) {
        return c == 0 || c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE;
    }
}
