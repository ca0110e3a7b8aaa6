package io.shoal.bittorrent.bencode;

import io.shoal.bittorrent.Limits;
import io.shoal.bittorrent.bencode.BValue.BDictionary;
import io.shoal.bittorrent.bencode.BValue.BInteger;
import io.shoal.bittorrent.bencode.BValue.BList;
import io.shoal.bittorrent.bencode.BValue.BString;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;

/**
 * Reads bencode (BEP 3) from a byte array. Depth and number of values are bounded, and with them the memory that hostile
 * input costs beyond its own length. Unsorted keys are accepted, because real torrents have them and the info-hash is taken over the bytes
 * as they came. Of duplicate keys the first counts, as in other clients.
 */
public final class BencodeDecoder {
    // The memory of a dictionary and of a key, as a multiple of that of a number.
    static final int DICTIONARY_WEIGHT = 4;
    static final int KEY_WEIGHT = 2;

    private static final SequencedMap<String, BValue> EMPTY =
            Collections.unmodifiableSequencedMap(new LinkedHashMap<>());

    private final byte[] input;
    private final int end;
    private int at;
    private int weight;

    private BencodeDecoder(byte[] input, int from, int end) {
        this.input = input;
        this.at = from;
        this.end = end;
    }

    /** The one value that fills all of {@code input}. */
    public static BValue decode(byte[] input) throws BencodeException {
        BencodeDecoder decoder = new BencodeDecoder(input, 0, input.length);
        BValue value = decoder.value(0);
        if (decoder.at != input.length) {
            throw decoder.broken("bytes after the value");
        }
        return value;
    }

    /**
     * Returns the dictionary at the start of {@code input}. Bytes may follow it: those of a metadata message (BEP 9), or what a
     * server appended to its reply. Its {@code end} says where they begin.
     */
    public static BDictionary decodeLeadingDictionary(byte[] input) throws BencodeException {
        if (new BencodeDecoder(input, 0, input.length).value(0) instanceof BDictionary dictionary) {
            return dictionary;
        }
        throw new BencodeException("not a dictionary", 0);
    }

    private BValue value(int depth) throws BencodeException {
        if (depth > Limits.BENCODE_DEPTH) {
            throw broken("nested deeper than " + Limits.BENCODE_DEPTH);
        }
        weigh(1);
        return switch (peek()) {
            case 'i' -> integer();
            case 'l' -> list(depth);
            case 'd' -> dictionary(depth);
            case '0', '1', '2', '3', '4', '5', '6', '7', '8', '9' -> string();
            default -> throw broken("no value begins with this byte");
        };
    }

    private void weigh(int more) throws BencodeException {
        weight += more;
        if (weight > Limits.BENCODE_VALUES) {
            throw broken("more than " + Limits.BENCODE_VALUES + " values");
        }
    }

    private BInteger integer() throws BencodeException {
        at++;
        boolean negative = peek() == '-';
        if (negative) {
            at++;
        }
        long number = digits('e', negative);
        return new BInteger(number);
    }

    private BString string() throws BencodeException {
        int start = at;
        long length = digits(':', false);
        if (length > end - at) {
            at = start;
            throw broken("a string longer than the input");
        }
        BString string = new BString(input, at, (int) length);
        at += (int) length;
        return string;
    }

    /** Digits up to {@code terminator}, which is consumed; no leading zeros, no minus zero, 64 bits. */
    private long digits(int terminator, boolean negative) throws BencodeException {
        int start = at;
        long number = 0;
        for (; peek() != terminator; at++) {
            int digit = input[at] - '0';
            if (digit < 0 || digit > 9) {
                throw broken("not a digit");
            }
            if (at > start && input[start] == '0') {
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

    private BList list(int depth) throws BencodeException {
        at++;
        List<BValue> list = new ArrayList<>();
        while (peek() != 'e') {
            list.add(value(depth + 1));
        }
        at++;
        return new BList(List.copyOf(list));
    }

    private BDictionary dictionary(int depth) throws BencodeException {
        int start = at++;
        if (peek() == 'e') {
            at++;
            return new BDictionary(EMPTY, start, at);
        }
        SequencedMap<String, BValue> map = new LinkedHashMap<>();
        weigh(DICTIONARY_WEIGHT);
        while (peek() != 'e') {
            if (peek() < '0' || peek() > '9') {
                throw broken("a key that is no string");
            }
            weigh(KEY_WEIGHT);
            BString key = string();
            String name = new String(input, key.offset(), key.length(), StandardCharsets.ISO_8859_1);
            map.putIfAbsent(name, value(depth + 1));
        }
        at++;
        return new BDictionary(Collections.unmodifiableSequencedMap(map), start, at);
    }

    private int peek() throws BencodeException {
        if (at >= end) {
            throw broken("the input ends too early");
        }
        return input[at];
    }

    private BencodeException broken(String rule) {
        return new BencodeException(rule, at);
    }
}
