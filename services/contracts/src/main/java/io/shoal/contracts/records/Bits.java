package io.shoal.contracts.records;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Base64;
import java.util.BitSet;

/**
 * A set of small numbers (segments), in JSON the base64 of its bits, number 0 the lowest bit of the first byte. Trailing
 * zeros are left out. Immutable.
 */
public final class Bits {
    /** No number. */
    public static final Bits NONE = new Bits(new BitSet());

    private final BitSet set;

    private Bits(BitSet set) {
        this.set = set;
    }

    public static Bits of(BitSet set) {
        return new Bits((BitSet) set.clone());
    }

    /** Reads what {@link #text} wrote. */
    @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
    public static Bits parse(String text) {
        return new Bits(BitSet.valueOf(Base64.getDecoder().decode(text)));
    }

    /** A copy as a set that may be changed. */
    public BitSet toBitSet() {
        return (BitSet) set.clone();
    }

    public boolean contains(int number) {
        return set.get(number);
    }

    /** How many numbers it has. */
    public int size() {
        return set.cardinality();
    }

    @JsonValue
    public String text() {
        return Base64.getEncoder().encodeToString(set.toByteArray());
    }

    @Override
    public boolean equals(Object o) {
        return o instanceof Bits other && set.equals(other.set);
    }

    @Override
    public int hashCode() {
        return set.hashCode();
    }

    @Override
    public String toString() {
        return set.toString();
    }
}
