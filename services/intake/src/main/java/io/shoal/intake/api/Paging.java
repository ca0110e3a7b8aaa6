package io.shoal.intake.api;

import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.UUID;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Pages with cursors: the position after a page is a text that only this service reads. */
final class Paging {
    /** Entries of a page where the request names no limit. */
    static final String DEFAULT_LIMIT = "50";

    static final int MAX_LIMIT = 200;

    private Paging() {}

    /** The last entry of a page that is ordered by time: the next page begins after it. */
    record Mark(Instant createdAt, UUID id) {
        String cursor() {
            return encode(createdAt + " " + id);
        }

        static @Nullable Mark parse(@Nullable String cursor) {
            if (cursor == null) {
                return null;
            }
            try {
                String[] parts = decode(cursor).split(" ", 2);
                Mark mark = new Mark(Instant.parse(parts[0]), UUID.fromString(parts[1]));
                if (Texts.isStorable(mark.createdAt)) {
                    return mark;
                }
            } catch (IllegalArgumentException | DateTimeException | ArrayIndexOutOfBoundsException e) {
                // refused below
            }
            throw badCursor();
        }
    }

    /** The number that a cursor of a numbered list stands for; 0 without one. */
    static int offset(@Nullable String cursor) {
        if (cursor == null) {
            return 0;
        }
        try {
            int offset = Integer.parseInt(decode(cursor));
            if (offset >= 0) {
                return offset;
            }
        } catch (IllegalArgumentException e) {
            // refused below
        }
        throw badCursor();
    }

    static String cursor(int offset) {
        return encode(Integer.toString(offset));
    }

    /** Returns the requested number of entries of a page. */
    static int limit(String asked, int max) {
        try {
            int limit = Integer.parseInt(asked);
            if (limit >= 1 && limit <= max) {
                return limit;
            }
        } catch (NumberFormatException e) {
            // refused below
        }
        throw ProblemException.invalid(ProblemKind.INVALID_FIELD, "limit", "must be from 1 to " + max);
    }

    /** Returns the cursor after the first {@code limit} entries of {@code found}, which has one entry more if there is a next page. */
    static <T> @Nullable String next(List<T> found, int limit, Function<T, Mark> mark) {
        return found.size() > limit ? mark.apply(found.get(limit - 1)).cursor() : null;
    }

    static String encode(String text) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(text.getBytes(StandardCharsets.UTF_8));
    }

    /** Returns the text of a cursor; refuses one that is none. */
    static String decode(String cursor) {
        try {
            return new String(Base64.getUrlDecoder().decode(cursor), StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            throw badCursor();
        }
    }

    static ProblemException badCursor() {
        return ProblemException.invalid(
                ProblemKind.INVALID_FIELD, "cursor", "must be the next of a page before, of the same list");
    }
}
