package io.shoal.contracts;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;

/**
 * One life of a torrent id, from the clock of intake's database: a later life has a larger number. Object keys carry it, and nothing is
 * ever written for a dead one again.
 */
public record Generation(@JsonValue long value) implements Comparable<Generation> {
    @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
    public Generation {
        if (value < 1) {
            throw new IllegalArgumentException("a generation is at least 1, not " + value);
        }
    }

    @Override
    public int compareTo(Generation other) {
        return Long.compare(value, other.value);
    }

    @Override
    public String toString() {
        return Long.toString(value);
    }
}
