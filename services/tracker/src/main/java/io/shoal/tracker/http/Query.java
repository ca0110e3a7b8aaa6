package io.shoal.tracker.http;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Goes through a query string field by field, in the buffer that came off the socket, and decodes values into an array of its
 * own (RFC 3986, 2.1). A `+` is a plus: clients escape bytes, not HTML forms.
 */
final class Query {
    /** The longest value of any field of ours: an IPv6 address. */
    private static final int VALUE_BYTES = 64;

    private final byte[] value = new byte[VALUE_BYTES];
    private ByteBuf buffer = Unpooled.EMPTY_BUFFER;
    private int next;
    private int end;
    private int valueFrom;
    private int valueTo;
    private @Nullable Field field;
    private int length;

    /** Starts at {@code from}; the query ends before {@code to}. */
    void open(ByteBuf buffer, int from, int to) {
        this.buffer = buffer;
        next = from;
        end = to;
    }

    /** Goes to the next field of ours; false when there is none. */
    boolean advance() {
        while (next < end) {
            int from = next;
            int ampersand = buffer.indexOf(from, end, (byte) '&');
            int to = ampersand < 0 ? end : ampersand;
            next = to + 1;
            int equals = buffer.indexOf(from, to, (byte) '=');
            field = Field.named(buffer, from, equals < 0 ? to : equals);
            if (field != null) {
                valueFrom = equals < 0 ? to : equals + 1;
                valueTo = to;
                return true;
            }
        }
        return false;
    }

    Field field() {
        if (field == null) {
            throw new IllegalStateException("advance first");
        }
        return field;
    }

    /** Decodes the value; at most 64 bytes, every escape whole. */
    void decode() throws MalformedException {
        length = 0;
        int at = valueFrom;
        while (at < valueTo) {
            byte b = buffer.getByte(at++);
            if (b == '%') {
                if (at + 2 > valueTo) {
                    throw malformed();
                }
                int high = Character.digit(buffer.getByte(at), 16);
                int low = Character.digit(buffer.getByte(at + 1), 16);
                if (high < 0 || low < 0) {
                    throw malformed();
                }
                b = (byte) (high << 4 | low);
                at += 2;
            }
            if (length == VALUE_BYTES) {
                throw malformed();
            }
            value[length++] = b;
        }
    }

    int length() {
        return length;
    }

    byte byteAt(int index) {
        return value[index];
    }

    /** The decoded value, which is a whole number from 0 to {@code most}. */
    long number(long most) throws MalformedException {
        if (length == 0) {
            throw malformed();
        }
        long number = 0;
        for (int i = 0; i < length; i++) {
            int digit = value[i] - '0';
            if (digit < 0 || digit > 9 || number > (most - digit) / 10) {
                throw malformed();
            }
            number = number * 10 + digit;
        }
        return number;
    }

    /** Whether the decoded value is {@code text}. */
    boolean is(byte[] text) {
        return Arrays.equals(value, 0, length, text, 0, text.length);
    }

    /** Bytes {@code index} to {@code index} + 7 as a number. */
    long longAt(int index) {
        long number = 0;
        for (int i = index; i < index + Long.BYTES; i++) {
            number = number << 8 | value[i] & 0xff;
        }
        return number;
    }

    /** Bytes {@code index} to {@code index} + 3 as a number. */
    int intAt(int index) {
        int number = 0;
        for (int i = index; i < index + Integer.BYTES; i++) {
            number = number << 8 | value[i] & 0xff;
        }
        return number;
    }

    /** The decoded value as text; for the rare fields that need it. */
    String text() {
        return new String(value, 0, length, StandardCharsets.ISO_8859_1);
    }

    MalformedException malformed() {
        return new MalformedException("invalid " + field().key);
    }
}
