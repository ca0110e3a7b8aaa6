package io.shoal.storage;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import org.eclipse.microprofile.config.Config;
import org.eclipse.microprofile.config.ConfigProvider;
import org.jdbi.v3.core.Jdbi;

/** The tables of the service in a schema of their own, which the service under test does not see. */
public final class TestSchema implements AutoCloseable {
    private final String name;
    private final Jdbi database;

    public TestSchema(String name) throws IOException {
        this.name = name;
        Config config = ConfigProvider.getConfig();
        database = Jdbi.create(
                config.getValue("quarkus.datasource.jdbc.url", String.class) + "?currentSchema=" + name,
                config.getValue("quarkus.datasource.username", String.class),
                config.getValue("quarkus.datasource.password", String.class));
        try (InputStream baseline =
                Objects.requireNonNull(getClass().getResourceAsStream("/db/migration/V1__catalog_and_jobs.sql"))) {
            String script = new String(baseline.readAllBytes(), StandardCharsets.UTF_8);
            database.useHandle(handle -> {
                handle.execute("create schema " + name);
                handle.createScript(script).execute();
            });
        }
    }

    public Jdbi database() {
        return database;
    }

    @Override
    public void close() {
        database.useHandle(handle -> handle.execute("drop schema " + name + " cascade"));
    }
}
