package io.shoal.intake.api;

import java.util.UUID;

/** Ids in paths. A text that is none names nothing, so it is not found like any other. */
final class Ids {
    private Ids() {}

    static UUID parse(String text) {
        try {
            UUID id = UUID.fromString(text);
            if (id.toString().equals(text)) {
                return id;
            }
        } catch (IllegalArgumentException e) {
            // said below
        }
        throw ProblemException.of(ProblemKind.NOT_FOUND);
    }
}
