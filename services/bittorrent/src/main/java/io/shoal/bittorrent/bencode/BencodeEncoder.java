package io.shoal.bittorrent.bencode;

import io.shoal.bittorrent.bencode.BValue.BDictionary;
import io.shoal.bittorrent.bencode.BValue.BInteger;
import io.shoal.bittorrent.bencode.BValue.BList;
import io.shoal.bittorrent.bencode.BValue.BString;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Writes bencode (BEP 3) of plain Java values: {@link Number} (whole), {@link String} (as UTF-8), {@code byte[]},
 * {@link List}, {@link Map} with keys of ISO 8859-1, {@link BValue}, and {@link Encoded}. Keys are sorted as the format
 * demands, but a {@link BDictionary} keeps the order in which it came.
 */
public final class BencodeEncoder {
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();

    /** A value that is already bencoded, such as an info dictionary, and must not change by a byte. */
    @SuppressWarnings("ArrayRecordComponent") // only carries the bytes to the encoder, and is never compared
    public record Encoded(byte[] bytes) {}

    private BencodeEncoder() {}

    /** Returns the encoding of {@code value}; throws {@link IllegalArgumentException} for a value of another type. */
    public static byte[] encode(Object value) {
        BencodeEncoder encoder = new BencodeEncoder();
        encoder.write(value);
        return encoder.out.toByteArray();
    }

    private void write(Object value) {
        switch (value) {
            case Long number -> integer(number);
            case Integer number -> integer(number);
            case BInteger number -> integer(number.value());
            case String text -> string(text.getBytes(StandardCharsets.UTF_8));
            case byte[] bytes -> string(bytes);
            case BString string -> string(string.bytes());
            case Encoded encoded -> out.writeBytes(encoded.bytes());
            case List<?> list -> list(list);
            case BList list -> list(list.values());
            case BDictionary dictionary -> dictionary(dictionary.values());
            case Map<?, ?> map -> dictionary(new TreeMap<>(map));
            default -> throw new IllegalArgumentException("bencode has no " + value.getClass());
        }
    }

    private void integer(long number) {
        ascii("i" + number + "e");
    }

    private void string(byte[] bytes) {
        ascii(bytes.length + ":");
        out.writeBytes(bytes);
    }

    private void list(List<?> values) {
        out.write('l');
        for (Object value : values) {
            write(value);
        }
        out.write('e');
    }

    private void dictionary(Map<?, ?> map) {
        out.write('d');
        map.forEach((key, value) -> {
            string(((String) key).getBytes(StandardCharsets.ISO_8859_1));
            write(value);
        });
        out.write('e');
    }

    private void ascii(String text) {
        out.writeBytes(text.getBytes(StandardCharsets.US_ASCII));
    }
}
