package io.shoal.storage.serving;

import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Which bytes of a file a request is for (RFC 9110, 14). A field that we do not understand, other units and more ranges than
 * one are answered in full, which the RFC allows.
 */
sealed interface ByteRange {
    /** All of it: 200. */
    record Whole(long length) implements ByteRange {}

    /**
     * One range: 206.
     *
     * @param first its first byte
     * @param end one past its last byte
     * @param length bytes of the whole file
     */
    record Part(long first, long end, long length) implements ByteRange {
        /** The value of Content-Range. */
        String contentRange() {
            return "bytes " + first + "-" + (end - 1) + "/" + length;
        }
    }

    /** No byte of it exists: 416. */
    record Unsatisfiable(long length) implements ByteRange {
        /** The value of Content-Range. */
        String contentRange() {
            return "bytes */" + length;
        }
    }

    Pattern ONE = Pattern.compile("bytes=[ \\t]*([0-9]*)-([0-9]*)[ \\t]*", Pattern.CASE_INSENSITIVE);

    /** What {@code header}, the Range field if there is one, asks of a file of {@code length} bytes. */
    static ByteRange of(@Nullable String header, long length) {
        if (header == null || length == 0) {
            return new Whole(length);
        }
        Matcher range = ONE.matcher(header);
        if (!range.matches()) {
            return new Whole(length);
        }
        String from = range.group(1);
        String to = range.group(2);
        if (from.isEmpty()) {
            return to.isEmpty() ? new Whole(length) : suffix(number(to), length);
        }
        long first = number(from);
        long last = to.isEmpty() ? Long.MAX_VALUE - 1 : number(to);
        if (last < first) {
            return new Whole(length);
        }
        return first >= length ? new Unsatisfiable(length) : new Part(first, Math.min(last, length - 1) + 1, length);
    }

    private static ByteRange suffix(long count, long length) {
        return count == 0 ? new Unsatisfiable(length) : new Part(Math.max(0, length - count), length, length);
    }

    /** The number, or a huge one where it has more digits than any file needs. */
    private static long number(String digits) {
        String significant = digits.replaceFirst("^0+(?=.)", "");
        return significant.length() > 18 ? Long.MAX_VALUE - 1 : Long.parseLong(significant);
    }
}
