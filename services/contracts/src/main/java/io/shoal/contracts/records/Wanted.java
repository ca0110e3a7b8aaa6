package io.shoal.contracts.records;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Arrays;
import java.util.Base64;

/**
 * Which files of a torrent are wanted, and how much: two bits a file, in JSON their base64, file 0 the lowest two bits of
 * the first byte. The empty text stands for "every file, normally", whatever their number. Immutable.
 */
public final class Wanted {
    /** How much a file is wanted. */
    public enum Priority {
        SKIP(0),
        LOW(1),
        NORMAL(2),
        HIGH(3);

        private final int code;

        Priority(int code) {
            this.code = code;
        }

        /** Its two bits, which rise with how much the file is wanted. */
        public int code() {
            return code;
        }
    }

    /** Every file, normally. */
    public static final Wanted ALL = new Wanted(new byte[0]);

    private static final Priority[] PRIORITIES = Priority.values();

    private final byte[] bits;

    private Wanted(byte[] bits) {
        this.bits = bits;
    }

    /** One priority a file, in order. */
    public static Wanted of(Priority[] files) {
        if (Arrays.stream(files).allMatch(p -> p == Priority.NORMAL)) {
            return ALL;
        }
        byte[] bits = new byte[(files.length + 3) / 4];
        for (int i = 0; i < files.length; i++) {
            bits[i / 4] |= (byte) (files[i].code << (i % 4 * 2));
        }
        return new Wanted(bits);
    }

    @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
    public static Wanted parse(String text) {
        return new Wanted(Base64.getDecoder().decode(text));
    }

    /** How much the file of this number is wanted; one beyond those that were named is skipped. */
    public Priority of(int file) {
        if (bits.length == 0) {
            return Priority.NORMAL;
        }
        return file / 4 >= bits.length ? Priority.SKIP : PRIORITIES[bits[file / 4] >> (file % 4 * 2) & 3];
    }

    public boolean isWanted(int file) {
        return of(file) != Priority.SKIP;
    }

    /** Whether it names a file that is wanted. */
    public boolean wantsAny() {
        if (bits.length == 0) {
            return true;
        }
        for (byte four : bits) {
            if (four != 0) {
                return true;
            }
        }
        return false;
    }

    @JsonValue
    public String text() {
        return Base64.getEncoder().encodeToString(bits);
    }

    @Override
    public boolean equals(Object o) {
        return o instanceof Wanted other && Arrays.equals(bits, other.bits);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(bits);
    }

    @Override
    public String toString() {
        return "Wanted[" + text() + "]";
    }
}
