package io.shoal.intake.api;

import java.util.Optional;
import java.util.UUID;

/** Ids in paths and queries. */
final class Ids {
    private Ids() {}

    /** Returns the id of a transfer in a tenant's request. A text that is no id is answered like an id that does not exist. */
    static UUID parse(String text) {
        return read(text).orElseThrow(() -> ProblemException.of(ProblemKind.NOT_FOUND));
    }

    /** Returns the id in the parameter {@code field}; refuses a text that is none by that name. */
    static UUID require(String field, String text) {
        return read(text)
                .orElseThrow(() -> ProblemException.invalid(
                        ProblemKind.INVALID_FIELD, field, "must be a UUID: lower-case hexadecimal digits, 8-4-4-4-12"));
    }

    /** Returns the id that is written so; empty if none can be. */
    static Optional<UUID> read(String text) {
        try {
            return Optional.of(UUID.fromString(text)).filter(id -> id.toString().equals(text));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }
}
