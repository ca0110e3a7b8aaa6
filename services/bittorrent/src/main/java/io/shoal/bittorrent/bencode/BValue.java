package io.shoal.bittorrent.bencode;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.SequencedMap;
import org.jspecify.annotations.Nullable;

/** A bencoded value. Byte strings are views of the input: a reference to one keeps all of the input in memory. */
public sealed interface BValue {

    /** A whole number of 64 bits; a larger one is refused by the decoder. */
    record BInteger(long value) implements BValue {}

    /** A list, in order. Unmodifiable. */
    record BList(List<BValue> values) implements BValue {}

    /**
     * A dictionary, its keys as ISO 8859-1 so that any bytes are keys. Unmodifiable.
     *
     * @param start position of its {@code d} in the input
     * @param end one past its {@code e}: the bytes between are what is hashed
     */
    record BDictionary(SequencedMap<String, BValue> values, int start, int end) implements BValue {
        public @Nullable BValue get(String key) {
            return values.get(key);
        }

        public @Nullable BString string(String key) {
            return values.get(key) instanceof BString s ? s : null;
        }

        public @Nullable BInteger integer(String key) {
            return values.get(key) instanceof BInteger i ? i : null;
        }

        public @Nullable BList list(String key) {
            return values.get(key) instanceof BList l ? l : null;
        }

        public @Nullable BDictionary dictionary(String key) {
            return values.get(key) instanceof BDictionary d ? d : null;
        }
    }

    /** A byte string: {@code length} bytes of {@code input} from {@code offset}. */
    @SuppressWarnings("ArrayRecordComponent") // equality is written out below
    record BString(byte[] input, int offset, int length) implements BValue {
        /** A value of its own over all of {@code bytes}. */
        public static BString of(byte[] bytes) {
            return new BString(bytes, 0, bytes.length);
        }

        /** A value of the UTF-8 bytes of {@code text}. */
        public static BString of(String text) {
            return of(text.getBytes(StandardCharsets.UTF_8));
        }

        /** A copy of the bytes. */
        public byte[] bytes() {
            return Arrays.copyOfRange(input, offset, offset + length);
        }

        /** The text, malformed UTF-8 replaced by U+FFFD. */
        public String text() {
            return new String(input, offset, length, StandardCharsets.UTF_8);
        }

        /** Whether the bytes are well-formed UTF-8. */
        public boolean isUtf8() {
            CharsetDecoder decoder = StandardCharsets.UTF_8.newDecoder();
            ByteBuffer bytes = ByteBuffer.wrap(input, offset, length);
            CharBuffer some = CharBuffer.allocate(1_024); // decoded and thrown away, however long the string is
            CoderResult result;
            do {
                result = decoder.decode(bytes, some.clear(), true);
            } while (result.isOverflow());
            return !result.isError();
        }

        @Override
        public boolean equals(Object o) {
            return o instanceof BString other
                    && Arrays.equals(
                            input, offset, offset + length, other.input, other.offset, other.offset + other.length);
        }

        @Override
        public int hashCode() {
            int hash = 1;
            for (int i = offset; i < offset + length; i++) {
                hash = 31 * hash + input[i];
            }
            return hash;
        }

        @Override
        public String toString() {
            return "BString[" + length + " bytes]";
        }
    }
}
