package io.shoal.contracts.records;

import io.shoal.bittorrent.InfoHash;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Rules for what comes off Kafka; breaking one makes the record a dead one. */
final class Require {
    private Require() {}

    static void present(@Nullable Object value, String field) {
        if (value == null) {
            throw new IllegalArgumentException(field + " is missing");
        }
    }

    /** A missing list is an empty one, a longer one than {@code max} is refused. */
    static <T> List<T> listOf(@Nullable List<T> list, String field, int max) {
        if (list == null) {
            return List.of();
        }
        if (list.size() > max) {
            throw new IllegalArgumentException(field + " has more than " + max + " entries");
        }
        return List.copyOf(list);
    }

    static void infoHash(String hex) {
        InfoHash.ofHex(hex);
    }
}
