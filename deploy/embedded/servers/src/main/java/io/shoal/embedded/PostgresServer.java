package io.shoal.embedded;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * PostgreSQL of the bundled binaries: the postmaster is the child process. PostgreSQL refuses to run as root, so root starts
 * it in a user namespace of its own, where it has an unprivileged user.
 *
 * @param folder that holds the cluster
 * @param host it listens on
 * @param password of the user {@code shoal}, who may do everything
 * @param durable whether a commit survives the machine's death; tests do without
 */
public record PostgresServer(Path folder, String host, int port, String password, boolean durable) implements Server {

    /** The one user. */
    public static final String USER = "shoal";

    /** A new one on loopback, at a free port. */
    public static PostgresServer in(Path folder) {
        return new PostgresServer(folder, "127.0.0.1", Ports.free(), "shoal-test", false);
    }

    /** The JDBC URL of one of its databases. */
    public String jdbcUrl(String database) {
        return "jdbc:postgresql://%s:%d/%s".formatted(host, port, database);
    }

    /** The database exists when this returns; needs a running server. */
    public void ensureDatabase(String database) throws SQLException {
        try (Connection connection = connect("postgres");
                Statement statement = connection.createStatement()) {
            var found = statement.executeQuery("select 1 from pg_database where datname = '" + database + "'");
            if (!found.next()) {
                statement.execute("create database \"" + database + "\"");
            }
        }
    }

    @Override
    public String name() {
        return "postgres";
    }

    @Override
    public void prepare() throws IOException, InterruptedException {
        if (Files.exists(data().resolve("PG_VERSION"))) {
            return;
        }
        Files.createDirectories(folder);
        Path passwordFile = Files.writeString(folder.resolve("password"), password);
        Path log = folder.resolve("initdb.log");
        Process initdb = new ProcessBuilder(unprivileged(
                        "initdb",
                        "-D",
                        data().toString(),
                        "-U",
                        USER,
                        "--pwfile=" + passwordFile,
                        "--auth=scram-sha-256",
                        "--encoding=UTF8",
                        "--locale=C",
                        // Letters of all languages are letters, for the search by trigrams; texts are still ordered by
                        // their bytes.
                        "--lc-ctype=C.UTF-8",
                        "--no-sync",
                        "--no-instructions"))
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        if (!initdb.waitFor(60, TimeUnit.SECONDS) || initdb.exitValue() != 0) {
            initdb.destroyForcibly();
            throw new IOException("initdb failed; see " + log);
        }
        Files.delete(passwordFile);
    }

    @Override
    public ProcessBuilder command() throws IOException {
        List<String> command = new ArrayList<>(unprivileged(
                "postgres",
                "-D",
                data().toString(),
                "-p",
                Integer.toString(port),
                "-c",
                "listen_addresses=" + host,
                "-c",
                "unix_socket_directories=",
                "-c",
                "max_connections=60",
                "-c",
                "shared_buffers=32MB"));
        if (!durable) {
            command.addAll(List.of("-c", "fsync=off", "-c", "synchronous_commit=off", "-c", "full_page_writes=off"));
        }
        return new ProcessBuilder(command);
    }

    @Override
    public boolean isReady() {
        if (!Ports.isOpen(host, port)) {
            return false;
        }
        try (Connection connection = connect("postgres")) {
            return connection.isValid(1);
        } catch (SQLException e) {
            return false;
        }
    }

    /** A fast shutdown: SIGTERM would wait until every client has disconnected. */
    @Override
    public void terminate(Process process) {
        try {
            new ProcessBuilder("sh", "-c", "kill -INT " + process.pid())
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
        } catch (IOException e) {
            process.destroy();
        }
    }

    private Connection connect(String database) throws SQLException {
        return DriverManager.getConnection(jdbcUrl(database), USER, password);
    }

    private Path data() {
        return folder.resolve("data");
    }

    private static List<String> unprivileged(String program, String... args) throws IOException {
        List<String> command = new ArrayList<>();
        if (System.getProperty("user.name").equals("root")) {
            command.addAll(List.of("unshare", "-U"));
        }
        command.add(PostgresBinaries.unpacked().resolve("bin").resolve(program).toString());
        command.addAll(List.of(args));
        return command;
    }
}
