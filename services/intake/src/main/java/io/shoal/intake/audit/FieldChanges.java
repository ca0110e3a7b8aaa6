package io.shoal.intake.audit;

import java.util.Objects;
import java.util.StringJoiner;
import org.jspecify.annotations.Nullable;

/**
 * What an action has changed, as its audit entry shows it: {@code name: old -> new} for each field that differs. A value alone
 * would not tell what the action did.
 */
public final class FieldChanges {
    private final StringJoiner changes = new StringJoiner(", ");

    /** Adds a field if its values differ. */
    public FieldChanges field(String name, @Nullable Object before, @Nullable Object after) {
        if (!Objects.equals(before, after)) {
            changes.add(name + ": " + shown(before) + " -> " + shown(after));
        }
        return this;
    }

    /** Returns whether no field differs. */
    public boolean isEmpty() {
        return changes.length() == 0;
    }

    private static String shown(@Nullable Object value) {
        return value == null ? "none" : value.toString();
    }

    @Override
    public String toString() {
        return changes.toString();
    }
}
