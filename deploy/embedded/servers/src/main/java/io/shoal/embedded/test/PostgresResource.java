package io.shoal.embedded.test;

import io.shoal.embedded.PostgresServer;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.Map;

/** A real PostgreSQL for a test, with an empty database; sets {@code quarkus.datasource.*}. */
public final class PostgresResource extends ServerResource<PostgresServer> {
    private static final String DATABASE = "test";

    @Override
    PostgresServer server(Path folder) {
        return PostgresServer.in(folder);
    }

    @Override
    Map<String, String> configuration(PostgresServer server) throws SQLException {
        server.ensureDatabase(DATABASE);
        return Map.of(
                "quarkus.datasource.jdbc.url",
                server.jdbcUrl(DATABASE),
                "quarkus.datasource.username",
                PostgresServer.USER,
                "quarkus.datasource.password",
                server.password());
    }
}
