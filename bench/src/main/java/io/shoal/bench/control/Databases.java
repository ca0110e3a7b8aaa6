package io.shoal.bench.control;

import io.shoal.embedded.PostgresServer;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;

/** The services' databases, and what PostgreSQL has counted in them. Questions about them are asked in another one. */
record Databases(PostgresServer server) {
    static final String INTAKE = "intake";
    static final String STORAGE = "storage";

    /**
     * What PostgreSQL has counted so far.
     *
     * @param transactions committed or rolled back
     * @param rows that queries have fetched by an index, or written
     */
    record Usage(long transactions, long rows) {
        Usage since(Usage before) {
            return new Usage(transactions - before.transactions, rows - before.rows);
        }
    }

    Connection connect(String database) throws SQLException {
        return DriverManager.getConnection(server.jdbcUrl(database), PostgresServer.USER, server.password());
    }

    void create() throws SQLException {
        server.ensureDatabase(INTAKE);
        server.ensureDatabase(STORAGE);
    }

    /** The usage of one database. A session's last transactions are counted up to 10 s after they have ended. */
    Usage usage(String database) throws SQLException {
        try (Connection connection = connect("postgres");
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("select xact_commit + xact_rollback,"
                        + " tup_fetched + tup_inserted + tup_updated + tup_deleted"
                        + " from pg_stat_database where datname = '" + database + "'")) {
            row.next();
            return new Usage(row.getLong(1), row.getLong(2));
        }
    }

    /** The first column of the first row that {@code query} finds in {@code database}. */
    long number(String database, String query) throws SQLException {
        try (Connection connection = connect(database);
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(query)) {
            row.next();
            return row.getLong(1);
        }
    }

    void execute(String database, String statement) throws SQLException {
        try (Connection connection = connect(database);
                Statement prepared = connection.createStatement()) {
            prepared.execute(statement);
        }
    }
}
