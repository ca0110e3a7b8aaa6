package io.shoal.tracker.http;

import io.netty.buffer.ByteBuf;
import io.shoal.contracts.PasskeyHash;
import io.shoal.tracker.admission.PasskeyPath;
import io.shoal.tracker.networks.Address;
import io.shoal.tracker.networks.AddressText;
import java.nio.charset.StandardCharsets;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The head of one HTTP/1 request (RFC 9112), read where it lies: nothing is copied, lines are ranges of the buffer. Only the
 * headers that change an answer are looked at. Used again and again by the one connection that owns it.
 */
final class RequestHead {
    /** Bytes of the request line: a scrape of 74 torrents with every byte escaped has 5,000. */
    static final int LINE_BYTES = 8_192;

    /** Bytes of all of it. */
    static final int BYTES = 16_384;

    /** Lines of X-Forwarded-For that are kept: further ones, on the left of these, are not needed to find who asked. */
    private static final int FORWARDED = 8;

    /** What was found. */
    enum State {
        /** More bytes are needed. */
        INCOMPLETE,
        COMPLETE,
        LINE_TOO_LONG,
        TOO_LONG,
        MALFORMED
    }

    private static final byte[] GET = ascii("GET");
    private static final byte[] HEAD = ascii("HEAD");
    private static final byte[] HTTP_1_1 = ascii("HTTP/1.1");
    private static final byte[] HTTP_1_0 = ascii("HTTP/1.0");
    private static final byte[] SCHEME = ascii("http://");
    private static final byte[] CONNECTION = ascii("connection");
    private static final byte[] CONTENT_LENGTH = ascii("content-length");
    private static final byte[] TRANSFER_ENCODING = ascii("transfer-encoding");
    private static final byte[] X_FORWARDED_FOR = ascii("x-forwarded-for");
    private static final byte[] CLOSE = ascii("close");
    private static final byte[] KEEP_ALIVE = ascii("keep-alive");
    private static final byte[] NONE = ascii("0");

    private final int[] forwarded = new int[2 * FORWARDED];
    private int forwardedLines;
    private int methodFrom;
    private int methodTo;
    private int pathFrom;
    private int pathTo;
    private int queryFrom;
    private int queryTo;
    private int end;
    private boolean http10;
    private boolean keepAlive;
    private boolean hasBody;

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    /** The connection will not be kept, whatever the client asked for. */
    void close() {
        keepAlive = false;
    }

    /** Looks for a whole head from the reader index on, which moves over empty lines and no further. */
    State read(ByteBuf buffer) {
        forwardedLines = 0;
        http10 = false;
        hasBody = false;
        int limit = buffer.writerIndex();
        int from = buffer.readerIndex();
        // A client may send an empty line after a body that we did not ask for (RFC 9112, 2.2).
        while (from < limit && (buffer.getByte(from) == '\r' || buffer.getByte(from) == '\n')) {
            from++;
        }
        buffer.readerIndex(from);
        int start = from;
        int lineFeed = buffer.indexOf(from, Math.min(limit, from + LINE_BYTES + 2), (byte) '\n');
        if (lineFeed < 0) {
            return limit - from > LINE_BYTES ? State.LINE_TOO_LONG : State.INCOMPLETE;
        }
        if (!requestLine(buffer, from, trimmed(buffer, from, lineFeed))) {
            return State.MALFORMED;
        }
        while (true) {
            from = lineFeed + 1;
            lineFeed = buffer.indexOf(from, Math.min(limit, start + BYTES), (byte) '\n');
            if (lineFeed < 0) {
                return limit - start >= BYTES ? State.TOO_LONG : State.INCOMPLETE;
            }
            int to = trimmed(buffer, from, lineFeed);
            if (to == from) {
                end = lineFeed + 1;
                return State.COMPLETE;
            }
            header(buffer, from, to);
        }
    }

    private boolean requestLine(ByteBuf buffer, int from, int to) {
        methodFrom = from;
        methodTo = buffer.indexOf(from, to, (byte) ' ');
        if (methodTo <= from) {
            return false;
        }
        int targetFrom = methodTo + 1;
        int targetTo = buffer.indexOf(targetFrom, to, (byte) ' ');
        if (targetTo <= targetFrom) {
            return false;
        }
        http10 = is(buffer, targetTo + 1, to, HTTP_1_0);
        keepAlive = !http10;
        if (startsWith(buffer, targetFrom, targetTo, SCHEME)) {
            int slash = buffer.indexOf(targetFrom + SCHEME.length, targetTo, (byte) '/');
            targetFrom = slash < 0 ? targetTo : slash;
        }
        int question = buffer.indexOf(targetFrom, targetTo, (byte) '?');
        pathFrom = targetFrom;
        pathTo = question < 0 ? targetTo : question;
        queryFrom = question < 0 ? targetTo : question + 1;
        queryTo = targetTo;
        return http10 || is(buffer, targetTo + 1, to, HTTP_1_1);
    }

    private void header(ByteBuf buffer, int from, int to) {
        int colon = buffer.indexOf(from, to, (byte) ':');
        if (colon < 0) {
            return;
        }
        int valueFrom = colon + 1;
        while (valueFrom < to && buffer.getByte(valueFrom) == ' ') {
            valueFrom++;
        }
        if (is(buffer, from, colon, CONNECTION)) {
            keepAlive = http10 ? is(buffer, valueFrom, to, KEEP_ALIVE) : !is(buffer, valueFrom, to, CLOSE);
        } else if (is(buffer, from, colon, TRANSFER_ENCODING)) {
            hasBody = true;
        } else if (is(buffer, from, colon, CONTENT_LENGTH)) {
            hasBody |= !is(buffer, valueFrom, to, NONE);
        } else if (is(buffer, from, colon, X_FORWARDED_FOR)) {
            if (forwardedLines == FORWARDED) {
                System.arraycopy(forwarded, 2, forwarded, 0, forwarded.length - 2);
                forwardedLines--;
            }
            forwarded[2 * forwardedLines] = valueFrom;
            forwarded[2 * forwardedLines + 1] = to;
            forwardedLines++;
        }
    }

    /** Where the next request begins. */
    int end() {
        return end;
    }

    boolean isGet(ByteBuf buffer) {
        return isExactly(buffer, methodFrom, methodTo, GET);
    }

    boolean isHead(ByteBuf buffer) {
        return isExactly(buffer, methodFrom, methodTo, HEAD);
    }

    boolean isHttp10() {
        return http10;
    }

    boolean keepAlive() {
        return keepAlive;
    }

    /** Whether bytes follow that belong to this request. */
    boolean hasBody() {
        return hasBody;
    }

    boolean pathIs(ByteBuf buffer, byte[] path) {
        return isExactly(buffer, pathFrom, pathTo, path);
    }

    /** The passkey in a path of the form {@code /PASSKEY} and {@code leaf}; null if it has another one. */
    @Nullable
    PasskeyHash passkey(ByteBuf buffer, byte[] leaf) {
        return PasskeyPath.read(buffer, pathFrom, pathTo, leaf);
    }

    int queryFrom() {
        return queryFrom;
    }

    int queryTo() {
        return queryTo;
    }

    /**
     * The address of the client: {@code sender} where it is no proxy, else the rightmost address of X-Forwarded-For that is none, since
     * everything on the left of that was written by a stranger.
     */
    Address asker(ByteBuf buffer, Address sender, Predicate<Address> isProxy) {
        Address asker = sender;
        for (int line = forwardedLines - 1; line >= 0 && isProxy.test(asker); line--) {
            String text = buffer.toString(
                    forwarded[2 * line], forwarded[2 * line + 1] - forwarded[2 * line], StandardCharsets.ISO_8859_1);
            String[] hops = text.split(",", -1);
            for (int hop = hops.length - 1; hop >= 0 && isProxy.test(asker); hop--) {
                Address address = AddressText.parse(hops[hop].strip());
                if (address == null) {
                    return asker;
                }
                asker = address;
            }
        }
        return asker;
    }

    private static int trimmed(ByteBuf buffer, int from, int lineFeed) {
        return lineFeed > from && buffer.getByte(lineFeed - 1) == '\r' ? lineFeed - 1 : lineFeed;
    }

    private static boolean is(ByteBuf buffer, int from, int to, byte[] text) {
        if (to - from != text.length) {
            return false;
        }
        for (int i = 0; i < text.length; i++) {
            if (lower(buffer.getByte(from + i)) != lower(text[i])) {
                return false;
            }
        }
        return true;
    }

    private static boolean isExactly(ByteBuf buffer, int from, int to, byte[] text) {
        return to - from == text.length && startsWith(buffer, from, to, text);
    }

    private static boolean startsWith(ByteBuf buffer, int from, int to, byte[] text) {
        if (to - from < text.length) {
            return false;
        }
        for (int i = 0; i < text.length; i++) {
            if (buffer.getByte(from + i) != text[i]) {
                return false;
            }
        }
        return true;
    }

    private static int lower(byte b) {
        return b >= 'A' && b <= 'Z' ? b + 32 : b;
    }
}
