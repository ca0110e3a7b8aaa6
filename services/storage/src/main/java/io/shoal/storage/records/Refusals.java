package io.shoal.storage.records;

import java.sql.SQLException;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;

/** Distinguishes failures of the database that are caused by the data, and never pass, from those that do. */
final class Refusals {
    /** Data exceptions, such as a text with a NUL. */
    private static final String DATA = "22";

    /** Violated constraints. */
    private static final String CONSTRAINT = "23";

    private Refusals() {}

    /** Returns the SQL state of the refusal that caused {@code failure}; empty if a retry may help. */
    static Optional<String> of(Throwable failure) {
        return Stream.iterate(failure, Objects::nonNull, Throwable::getCause)
                .filter(SQLException.class::isInstance)
                .map(cause -> ((SQLException) cause).getSQLState())
                .filter(state -> state != null && (state.startsWith(DATA) || state.startsWith(CONSTRAINT)))
                .findFirst();
    }
}
