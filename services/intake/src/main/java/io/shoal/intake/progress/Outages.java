package io.shoal.intake.progress;

import io.shoal.contracts.topics.SliceKey;
import io.shoal.intake.transactions.Conflicts;
import io.shoal.objectstore.StoreUnavailableException;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Tells when an outage begins and ends, so that it is logged once, however many slices fail because of it and however often. Failures of
 * one kind are one outage until each slice that failed so has been acted upon, was dropped, or has failed in another way. Not safe for use by
 * several threads.
 */
final class Outages {
    private final Map<SliceKey, String> failing = new HashMap<>();
    private final Map<String, Integer> slices = new HashMap<>();

    /** Returns whether this is the first failure of an outage. */
    boolean failed(SliceKey key, Throwable failure) {
        String kind = kind(failure);
        if (kind.equals(failing.get(key))) {
            return false;
        }
        ended(key);
        failing.put(key, kind);
        return slices.merge(kind, 1, Integer::sum) == 1;
    }

    /** Notes that a slice does not fail any more; returns the outage that ends with that. */
    Optional<String> ended(SliceKey key) {
        String kind = failing.remove(key);
        if (kind == null || slices.merge(kind, -1, Integer::sum) > 0) {
            return Optional.empty();
        }
        slices.remove(kind);
        return Optional.of(kind);
    }

    private static String kind(Throwable failure) {
        if (failure instanceof StoreUnavailableException) {
            return "the store is away";
        }
        return Conflicts.isPassing(failure)
                ? "the database is away"
                : failure.getClass().getName();
    }
}
