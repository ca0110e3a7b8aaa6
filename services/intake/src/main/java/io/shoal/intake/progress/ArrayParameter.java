package io.shoal.intake.progress;

import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.Collection;
import java.util.function.Function;

/** Arrays as parameters of statements that write many rows: one for each column. */
final class ArrayParameter {
    private ArrayParameter() {}

    /** Sets a parameter to one value of each of {@code rows}, whose type in the database is {@code type}. */
    static <T> void set(
            PreparedStatement statement, int parameter, String type, Collection<T> rows, Function<T, Object> value)
            throws SQLException {
        Object[] values = rows.stream().map(value).toArray();
        statement.setArray(parameter, statement.getConnection().createArrayOf(type, values));
    }
}
