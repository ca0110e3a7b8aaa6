package io.shoal.bittorrent.bencode;

import io.shoal.bittorrent.Limits;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Checks bencode (BEP 3) and finds values in it without building any. Accepts exactly what {@link BencodeDecoder} accepts, with
 * the same bounds on depth and on the number of values. Memory beyond the input is four bytes for each key of the dictionaries
 * that are open at one time; hostile input therefore costs at most 6 MB.
 *
 * <p>Positions are offsets into the input. A position returned by this class is that of a complete, valid value.
 */
public final class BencodeScanner {
    /** Stands for a key that the dictionary does not have. */
    public static final int ABSENT = -1;

    private final PagedBytes input;
    private int at;
    private int weight;
    private int[] keys = new int[64];
    private int keyCount;

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
    public record Fields(int[] positions, int end) {
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
        int[] positions = absent(wanted);
        value(0, wanted, positions);
        if (at != input.length()) {
            throw broken("bytes after the value");
        }
        if (input.at(0) != 'd') {
            throw new BencodeException("not a dictionary", 0);
        }
        return new Fields(positions, at);
    }

    /** Scans the dictionary at {@code position}. */
    public Fields dictionary(int position, String... wanted) throws BencodeException {
        int[] positions = absent(wanted);
        at = position;
        value(0, wanted, positions);
        return new Fields(positions, at);
    }

    /** Scans the value at {@code position} and returns one past its end. */
    public int skip(int position) throws BencodeException {
        at = position;
        value(0, null, null);
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

    private static int[] absent(String[] wanted) {
        int[] positions = new int[wanted.length];
        Arrays.fill(positions, ABSENT);
        return positions;
    }

    private void value(int depth, String @Nullable [] wanted, int @Nullable [] positions) throws BencodeException {
        if (depth > Limits.BENCODE_DEPTH) {
            throw broken("nested deeper than " + Limits.BENCODE_DEPTH);
        }
        weigh(1);
        switch (peek()) {
            case 'i' -> integer();
            case 'l' -> list(depth);
            case 'd' -> dictionary(depth, wanted, positions);
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
            value(depth + 1, null, null);
        }
        at++;
    }

    private void dictionary(int depth, String @Nullable [] wanted, int @Nullable [] positions) throws BencodeException {
        at++;
        if (peek() == 'e') {
            at++;
            return;
        }
        weigh(BencodeDecoder.DICTIONARY_WEIGHT);
        int first = keyCount;
        boolean ascending = true;
        while (peek() != 'e') {
            int key = at;
            if (peek() < '0' || peek() > '9') {
                throw broken("a key that is no string");
            }
            weigh(BencodeDecoder.KEY_WEIGHT);
            string();
            int order = keyCount == first ? -1 : compare(keys[keyCount - 1], key);
            ascending &= order < 0;
            push(key);
            int value = at;
            value(depth + 1, null, null);
            if (order == 0) {
                at = key;
                throw broken("a duplicate key");
            }
            if (wanted != null && positions != null) {
                note(key, value, wanted, positions);
            }
        }
        if (!ascending) {
            refuseDuplicates(first);
        }
        keyCount = first;
        at++;
    }

    private void note(int key, int value, String[] wanted, int[] positions) {
        for (int i = 0; i < wanted.length; i++) {
            if (isKey(key, wanted[i])) {
                positions[i] = value;
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

    private void push(int key) {
        if (keyCount == keys.length) {
            keys = Arrays.copyOf(keys, keyCount + (keyCount >> 1));
        }
        keys[keyCount++] = key;
    }

    /** Keys out of order may be equal without being neighbours: sorts those from {@code first}, then compares neighbours. */
    private void refuseDuplicates(int first) throws BencodeException {
        int count = keyCount - first;
        for (int i = count / 2 - 1; i >= 0; i--) {
            siftDown(first, i, count);
        }
        for (int last = count - 1; last > 0; last--) {
            swap(first, first + last);
            siftDown(first, 0, last);
        }
        int duplicate = Integer.MAX_VALUE;
        for (int i = first + 1; i < keyCount; i++) {
            if (compare(keys[i - 1], keys[i]) == 0) {
                duplicate = Math.min(duplicate, keys[i]);
            }
        }
        if (duplicate != Integer.MAX_VALUE) {
            at = duplicate;
            throw broken("a duplicate key");
        }
    }

    private void siftDown(int first, int root, int count) {
        int parent = root;
        for (int child = 2 * parent + 1; child < count; child = 2 * parent + 1) {
            if (child + 1 < count && isBefore(keys[first + child], keys[first + child + 1])) {
                child++;
            }
            if (!isBefore(keys[first + parent], keys[first + child])) {
                return;
            }
            swap(first + parent, first + child);
            parent = child;
        }
    }

    private boolean isBefore(int key, int other) {
        int order = compare(key, other);
        return order < 0 || order == 0 && key < other;
    }

    private void swap(int i, int j) {
        int key = keys[i];
        keys[i] = keys[j];
        keys[j] = key;
    }

    private int compare(int key, int other) {
        int length = 0;
        int from = key;
        for (; input.at(from) != ':'; from++) {
            length = length * 10 + input.at(from) - '0';
        }
        int otherLength = 0;
        int otherFrom = other;
        for (; input.at(otherFrom) != ':'; otherFrom++) {
            otherLength = otherLength * 10 + input.at(otherFrom) - '0';
        }
        int common = Math.min(length, otherLength);
        for (int i = 1; i <= common; i++) {
            int order = Byte.compareUnsigned(input.at(from + i), input.at(otherFrom + i));
            if (order != 0) {
                return order;
            }
        }
        return Integer.compare(length, otherLength);
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
