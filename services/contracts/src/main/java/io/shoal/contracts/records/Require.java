package io.shoal.contracts.records;

import io.shoal.bittorrent.InfoHash;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Rules for records from Kafka; breaking one makes the record a dead one. */
final class Require {
    private Require() {}

    /** A rule that a record breaks. Its message names fields and never repeats what they hold. */
    static final class BrokenRuleException extends IllegalArgumentException {
        private static final long serialVersionUID = 1L;

        private BrokenRuleException(String message) {
            super(message);
        }
    }

    static void present(@Nullable Object value, String field) {
        if (value == null) {
            throw new BrokenRuleException(field + " is missing");
        }
    }

    /** A missing list is an empty one, a longer one than {@code max} is refused. */
    static <T> List<T> listOf(@Nullable List<T> list, String field, int max) {
        if (list == null) {
            return List.of();
        }
        if (list.size() > max) {
            throw new BrokenRuleException(field + " has more than " + max + " entries");
        }
        return List.copyOf(list);
    }

    static void notNegative(long value, String field) {
        if (value < 0) {
            throw new BrokenRuleException(field + " is negative");
        }
    }

    static void within(long value, String field, long min, long max) {
        if (value < min || value > max) {
            throw new BrokenRuleException(field + " is not " + min + " to " + max);
        }
    }

    /** A text must be there, and have 1 to {@code max} characters. */
    static void text(@Nullable String text, String field, int max) {
        present(text, field);
        within(text == null ? 0 : text.length(), "the length of " + field, 1, max);
    }

    static void infoHash(String hex) {
        InfoHash.ofHex(hex);
    }
}
