package io.shoal.bittorrent.bencode;

import io.shoal.bittorrent.Limits;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Checks bencode (BEP 3) and finds values in it without building any: no memory beyond the input. Accepts what {@link
 * BencodeDecoder} accepts, with the same bounds on depth and on the number of values, but for one case: a key that is looked for
 * must not be there twice, because two readers would see two torrents. All other keys are ignored.
 *
 * <p>Positions are offsets into the input. A position returned by this class is that of a complete, valid value.
 */
public final class BencodeScanner {
    /** Denotes a key that the dictionary does not have. */
    public static final int ABSENT = -1;

    private final PagedBytes input;
    private int at;
    private int weight;

    /** A scanner of {@code input}; each scanner counts the values that it scans towards the limit. */
    public BencodeScanner(PagedBytes input) {
        this.input = input;
    }

    /**
     * The values of a dictionary that were asked for.
     *
     * @param end one past the dictionary's {@code e}
     */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    public record Fields(int[] positions, int[] ends, int end) {
        /** One past the value of the key with this number. */
        public int endAt(int key) {
            return ends[key];
        }

        /** Position of the value of the key with this number, or {@link #ABSENT}. */
        public int at(int key) {
            return positions[key];
        }
    }

    /** A byte string's content: {@code length} bytes of the input from {@code from}. */
    public record Slice(int from, int length) {}

    /**
     * Scans the dictionary that fills the whole input.
     *
     * @throws BencodeException if the input is anything else
     */
    public Fields wholeDictionary(String... wanted) throws BencodeException {
        Fields found = leadingDictionary(wanted.length, wanted);
        if (at != input.length()) {
            throw broken("bytes after the value");
        }
        return found;
    }

    /**
     * Scans the dictionary at the start of the input. Bytes may follow it.
     *
     * @param strict how many of the keys, the first ones, must not appear twice; of the others the first counts
     * @throws BencodeException if the input begins with anything else
     */
    public Fields leadingDictionary(int strict, String... wanted) throws BencodeException {
        Fields found = fields(strict, wanted);
        if (input.at(0) != 'd') {
            throw new BencodeException("not a dictionary", 0);
        }
        return found;
    }

    /** Scans the dictionary at {@code position}. */
    public Fields dictionary(int position, String... wanted) throws BencodeException {
        at = position;
        return fields(wanted.length, wanted);
    }

    private Fields fields(int strict, String[] wanted) throws BencodeException {
        int[] positions = new int[wanted.length];
        Arrays.fill(positions, ABSENT);
        int[] ends = new int[wanted.length];
        value(0, new Wanted(wanted, strict, positions, ends));
        return new Fields(positions, ends, at);
    }

    /** The keys that are looked for in one dictionary, and where they were found. */
    @SuppressWarnings("ArrayRecordComponent") // filled while the dictionary is scanned
    private record Wanted(String[] keys, int strict, int[] positions, int[] ends) {}

    /** Scans the value at {@code position} and returns one past its end. */
    public int skip(int position) throws BencodeException {
        at = position;
        value(0, null);
        return at;
    }

    /** Whether the value at {@code position} is a dictionary. */
    public boolean isDictionary(int position) {
        return position != ABSENT && input.at(position) == 'd';
    }

    /** Whether the value at {@code position} is a list. */
    public boolean isList(int position) {
        return position != ABSENT && input.at(position) == 'l';
    }

    /** Whether {@code position}, one past a list's {@code l} or past one of its values, is the list's end. */
    public boolean isListEnd(int position) {
        return input.at(position) == 'e';
    }

    /** Returns the content of the string at {@code position}; null if that is absent or no string. */
    public @Nullable Slice string(int position) {
        if (position == ABSENT || input.at(position) < '0' || input.at(position) > '9') {
            return null;
        }
        int length = 0;
        int from = position;
        for (; input.at(from) != ':'; from++) {
            length = length * 10 + input.at(from) - '0';
        }
        return new Slice(from + 1, length);
    }

    /** Returns the integer at {@code position}; null if that is absent or no integer. */
    public @Nullable Long integer(int position) throws BencodeException {
        if (position == ABSENT || input.at(position) != 'i') {
            return null;
        }
        at = position;
        return integer();
    }

    private void value(int depth, @Nullable Wanted wanted) throws BencodeException {
        if (depth > Limits.BENCODE_DEPTH) {
            throw broken("nested deeper than " + Limits.BENCODE_DEPTH);
        }
        weigh(1);
        switch (peek()) {
            case 'i' -> integer();
            case 'l' -> list(depth);
            case 'd' -> dictionary(depth, wanted);
            case '0', '1', '2', '3', '4', '5', '6', '7', '8', '9' -> string();
            default -> throw broken("no value begins with this byte");
        }
    }

    private void weigh(int more) throws BencodeException {
        weight += more;
        if (weight > Limits.BENCODE_VALUES) {
            throw broken("more than " + Limits.BENCODE_VALUES + " values");
        }
    }

    private long integer() throws BencodeException {
        at++;
        boolean negative = peek() == '-';
        if (negative) {
            at++;
        }
        return digits('e', negative);
    }

    private void string() throws BencodeException {
        int start = at;
        long length = digits(':', false);
        if (length > input.length() - at) {
            at = start;
            throw broken("a string longer than the input");
        }
        at += (int) length;
    }

    /** Digits up to {@code terminator}, which is consumed; no leading zeros, no minus zero, 64 bits. */
    private long digits(int terminator, boolean negative) throws BencodeException {
        int start = at;
        long number = 0;
        for (; peek() != terminator; at++) {
            int digit = input.at(at) - '0';
            if (digit < 0 || digit > 9) {
                throw broken("not a digit");
            }
            if (at > start && input.at(start) == '0') {
                throw broken("a leading zero");
            }
            if (number < (Long.MIN_VALUE + digit) / 10) {
                throw broken("a number over 64 bits");
            }
            number = number * 10 - digit; // negative, because the range is larger there
        }
        if (at == start) {
            throw broken("a number without digits");
        }
        if (negative ? number == 0 : number == Long.MIN_VALUE) {
            throw broken(negative ? "minus zero" : "a number over 64 bits");
        }
        at++;
        return negative ? number : -number;
    }

    private void list(int depth) throws BencodeException {
        at++;
        while (peek() != 'e') {
            value(depth + 1, null);
        }
        at++;
    }

    private void dictionary(int depth, @Nullable Wanted wanted) throws BencodeException {
        at++;
        if (peek() == 'e') {
            at++;
            return;
        }
        weigh(BencodeDecoder.DICTIONARY_WEIGHT);
        while (peek() != 'e') {
            int key = at;
            if (peek() < '0' || peek() > '9') {
                throw broken("a key that is no string");
            }
            weigh(BencodeDecoder.KEY_WEIGHT);
            string();
            int value = at;
            value(depth + 1, null);
            if (wanted != null) {
                record(key, value, wanted);
            }
        }
        at++;
    }

    private void record(int key, int value, Wanted wanted) throws BencodeException {
        for (int i = 0; i < wanted.keys.length; i++) {
            if (isKey(key, wanted.keys[i])) {
                if (wanted.positions[i] != ABSENT) {
                    if (i >= wanted.strict) {
                        return;
                    }
                    at = key;
                    throw broken("a duplicate key");
                }
                wanted.positions[i] = value;
                wanted.ends[i] = at;
            }
        }
    }

    private boolean isKey(int key, String name) {
        Slice slice = string(key);
        if (slice == null || slice.length != name.length()) {
            return false;
        }
        for (int i = 0; i < slice.length; i++) {
            if (input.at(slice.from + i) != (byte) name.charAt(i)) {
                return false;
            }
        }
        return true;
    }

    private int peek() throws BencodeException {
        if (at >= input.length()) {
            throw broken("the input ends too early");
        }
        return input.at(at);
    }

    private BencodeException broken(String rule) {
        return new BencodeException(rule, at);
    }
}
