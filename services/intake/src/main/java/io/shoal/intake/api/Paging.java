package io.shoal.intake.api;

import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.UUID;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Pages with cursors: where a page goes on is a text that only we read. */
final class Paging {
    /** Entries of a page where the request names no limit. */
    static final String DEFAULT_LIMIT = "50";

    static final int MAX_LIMIT = 200;

    private Paging() {}

    /** Where a page in order of time goes on: after this entry. */
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
                // said below
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
            // said below
        }
        throw badCursor();
    }

    static String cursor(int offset) {
        return encode(Integer.toString(offset));
    }

    /** How many entries a page is to have. */
    static int limit(String asked, int max) {
        try {
            int limit = Integer.parseInt(asked);
            if (limit >= 1 && limit <= max) {
                return limit;
            }
        } catch (NumberFormatException e) {
            // said below
        }
        throw ProblemException.invalid(ProblemKind.INVALID_FIELD, "limit", "must be from 1 to " + max);
    }

    /** The cursor after the page of {@code limit} that {@code found}, which may have one entry more, begins with. */
    static <T> @Nullable String next(List<T> found, int limit, Function<T, Mark> mark) {
        return found.size() > limit ? mark.apply(found.get(limit - 1)).cursor() : null;
    }

    private static String encode(String text) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(text.getBytes(StandardCharsets.UTF_8));
    }

    private static String decode(String cursor) {
        return new String(Base64.getUrlDecoder().decode(cursor), StandardCharsets.UTF_8);
    }

    private static ProblemException badCursor() {
        return ProblemException.invalid(ProblemKind.INVALID_FIELD, "cursor", "must be the next of a page before");
    }
}
