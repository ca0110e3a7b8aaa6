package io.shoal.tracker.http;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;

/** Writes bencode (BEP 3) straight into a buffer. The caller keeps keys in order. */
final class Bencode {
    private Bencode() {}

    static void key(ByteBuf out, String key) {
        number(out, key.length());
        out.writeByte(':');
        ByteBufUtil.writeAscii(out, key);
    }

    static void entry(ByteBuf out, String key, long value) {
        key(out, key);
        integer(out, value);
    }

    static void entry(ByteBuf out, String key, String value) {
        key(out, key);
        key(out, value);
    }

    static void entry(ByteBuf out, String key, byte[] value, int length) {
        key(out, key);
        string(out, value, length);
    }

    static void integer(ByteBuf out, long value) {
        out.writeByte('i');
        number(out, value);
        out.writeByte('e');
    }

    static void string(ByteBuf out, byte[] value, int length) {
        number(out, length);
        out.writeByte(':');
        out.writeBytes(value, 0, length);
    }

    /** Decimal digits of a number that is not negative. */
    static void number(ByteBuf out, long value) {
        long divisor = 1;
        while (value / divisor >= 10) {
            divisor *= 10;
        }
        for (; divisor > 0; divisor /= 10) {
            out.writeByte('0' + (int) (value / divisor % 10));
        }
    }
}
