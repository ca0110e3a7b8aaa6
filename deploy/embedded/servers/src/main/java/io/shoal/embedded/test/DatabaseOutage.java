package io.shoal.embedded.test;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;

/**
 * Takes a database away from the service under test until it is closed: connections that are open are cut, and no other is
 * accepted, as if the server had been stopped.
 */
public final class DatabaseOutage implements AutoCloseable {
    private final String server;
    private final String database;
    private final String user;
    private final String password;

    private DatabaseOutage(String url, String user, String password) throws SQLException {
        int slash = url.lastIndexOf('/');
        this.server = url.substring(0, slash + 1) + "postgres";
        this.database = url.substring(slash + 1);
        this.user = user;
        this.password = password;
        execute("alter database \"" + database + "\" allow_connections false");
        execute("select pg_terminate_backend(pid) from pg_stat_activity where datname = '" + database + "'");
    }

    /**
     * Begins.
     *
     * @param url of the database, as the service has it
     * @param user who may do everything
     */
    public static DatabaseOutage of(String url, String user, String password) throws SQLException {
        return new DatabaseOutage(url, user, password);
    }

    private void execute(String statement) throws SQLException {
        try (Connection connection = DriverManager.getConnection(server, user, password);
                Statement executing = connection.createStatement()) {
            executing.execute(statement);
        }
    }

    @Override
    public void close() throws SQLException {
        execute("alter database \"" + database + "\" allow_connections true");
    }
}
