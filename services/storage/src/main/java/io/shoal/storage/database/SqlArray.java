package io.shoal.storage.database;

import java.util.Collection;
import java.util.function.Function;
import org.jdbi.v3.core.argument.Argument;

/**
 * Columns of many rows as parameters of one statement, for {@code unnest} and {@code = any}. So the number of statements does not
 * depend on the number of rows. The driver has no arrays of {@code bytea}: bytes are passed as base64, for {@code decode}.
 */
public final class SqlArray {
    private SqlArray() {}

    /** Returns {@code value} of each of {@code rows} as an array of {@code text}. */
    public static <T> Argument text(Collection<T> rows, Function<T, String> value) {
        return of("text", rows.stream().map(value).toArray());
    }

    /** Returns {@code value} of each of {@code rows} as an array of {@code bigint}. */
    public static <T> Argument bigint(Collection<T> rows, Function<T, Long> value) {
        return of("bigint", rows.stream().map(value).toArray());
    }

    /** Returns {@code value} of each of {@code rows} as an array of {@code int}. */
    public static <T> Argument integer(Collection<T> rows, Function<T, Integer> value) {
        return of("int", rows.stream().map(value).toArray());
    }

    /** Returns {@code value} of each of {@code rows} as an array of {@code boolean}. */
    public static <T> Argument bool(Collection<T> rows, Function<T, Boolean> value) {
        return of("boolean", rows.stream().map(value).toArray());
    }

    private static Argument of(String type, Object[] values) {
        return (position, statement, context) ->
                statement.setArray(position, statement.getConnection().createArrayOf(type, values));
    }
}
