package io.shoal.intake.api;

import java.util.UUID;

/** Ids in paths. A text that is no id is answered like an id that does not exist. */
final class Ids {
    private Ids() {}

    static UUID parse(String text) {
        try {
            UUID id = UUID.fromString(text);
            if (id.toString().equals(text)) {
                return id;
            }
        } catch (IllegalArgumentException e) {
            // not found
        }
        throw ProblemException.of(ProblemKind.NOT_FOUND);
    }
}
