package io.shoal.intake.transfers;

import java.util.Collections;
import java.util.EnumSet;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Which transfers of a library are listed; what is null excludes none.
 *
 * @param states of which each transfer has one, in the order of {@link TransferState}, so that the text of equal filters is the same in
 *     every process; empty: any
 * @param label that each has
 * @param category that each is filed under
 * @param text part of one of its names, in whatever case
 */
public record ListFilter(
        Set<TransferState> states,
        @Nullable String label,
        @Nullable Filed category,
        @Nullable String text) {
    /** All transfers. */
    public static final ListFilter ALL = new ListFilter(Set.of(), null, null, null);

    public ListFilter {
        EnumSet<TransferState> sorted = EnumSet.noneOf(TransferState.class);
        sorted.addAll(states);
        states = Collections.unmodifiableSet(sorted);
    }

    /** The category, or none: null. */
    public record Filed(@Nullable UUID category) {}

    boolean excludesNone() {
        return equals(ALL);
    }
}
