package io.shoal.local.platform;

import io.shoal.embedded.ClassArchive;
import io.shoal.embedded.PostgresServer;
import io.shoal.embedded.Server;
import io.shoal.local.supervision.Child;
import io.shoal.local.supervision.ChildLog;
import io.shoal.local.supervision.Supervisor;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

/**
 * A running platform: all processes of a {@link ServiceLayout} as children of this one. While it is up its folder is locked and
 * has {@code endpoints.json}. Closing stops every child within the graces below, whatever the children do, and keeps the data.
 */
public final class Platform implements AutoCloseable {
    private static final Duration START_TIMEOUT = Duration.ofMinutes(2);

    /** A worker stores or spills its open segments ({@link ServiceLayout#HAND_OVER}), then ends. */
    private static final Duration WORKERS_GRACE = ServiceLayout.HAND_OVER.plusSeconds(1);

    private static final Duration SERVICES_GRACE = Duration.ofSeconds(3);
    private static final Duration SERVERS_GRACE = Duration.ofSeconds(3);

    private final Options options;
    private final ServiceLayout layout;
    private final FolderLock lock;
    private final Consumer<String> console;
    private final Supervisor supervisor = new Supervisor();
    private final CompletableFuture<Void> stopped = new CompletableFuture<>();
    private final Thread archives =
            Thread.ofPlatform().daemon().name("class archives").unstarted(this::writeArchives);
    private boolean up;
    private boolean closed;

    private Platform(Options options, FolderLock lock, Consumer<String> console) throws IOException {
        this.options = options;
        this.lock = lock;
        this.console = console;
        this.layout = new ServiceLayout(options);
    }

    /**
     * Starts everything; returns when it is up.
     *
     * @param console receives a line for each event of a process, now and later
     * @throws IOException with a reason for the user; nothing is left running then
     */
    public static Platform start(Options options, Consumer<String> console) throws IOException, InterruptedException {
        Files.createDirectories(options.folder());
        FolderLock lock = FolderLock.take(options.folder());
        try {
            lock.endOrphans(console);
            Files.deleteIfExists(Endpoints.file(options.folder()));
            Platform platform = new Platform(options, lock, console);
            Thread hook = new Thread(platform::close, "stop");
            Runtime.getRuntime().addShutdownHook(hook);
            try {
                platform.start();
            } catch (IOException | InterruptedException e) {
                platform.close();
                throw e;
            }
            return platform;
        } catch (IOException | InterruptedException e) {
            lock.close();
            throw e;
        }
    }

    /** The URLs, keys and processes of now. */
    public synchronized Endpoints endpoints() {
        List<Endpoints.Running> processes = supervisor.children().stream()
                .map(child -> child.server() instanceof ServiceProcess service
                        ? new Endpoints.Running(
                                child.name(), child.pid(), service.management().toString(), service.peerPorts())
                        : new Endpoints.Running(child.name(), child.pid(), null, List.of()))
                .toList();
        try {
            return layout.endpoints(processes);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Its folder. */
    public Path folder() {
        return options.folder();
    }

    /** The process of this name. */
    public Child child(String name) {
        return supervisor.children().stream()
                .filter(child -> child.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("no process is named " + name));
    }

    /** Stops every child: workers, then services, then servers. Returns when all have ended, also to a second caller. */
    @Override
    public void close() {
        boolean mine;
        synchronized (this) {
            mine = !closed;
            closed = true;
            up = false;
        }
        if (!mine) {
            stopped.join();
            return;
        }
        try {
            stop();
        } finally {
            stopped.complete(null);
        }
    }

    private void stop() {
        archives.interrupt();
        supervisor.stop();
        try {
            Files.deleteIfExists(Endpoints.file(options.folder()));
        } catch (IOException e) {
            console.accept("cannot delete " + Endpoints.file(options.folder()) + ": " + e.getMessage());
        }
        lock.close();
    }

    private void start() throws IOException, InterruptedException {
        supervisor.start(List.of(wave(layout.foundations(), SERVERS_GRACE)), START_TIMEOUT);
        PostgresServer postgres = layout.postgres();
        try {
            postgres.ensureDatabase("intake");
            postgres.ensureDatabase("storage");
        } catch (SQLException e) {
            throw new IOException("the databases cannot be created in PostgreSQL: " + e.getMessage(), e);
        }
        supervisor.start(
                List.of(wave(layout.services(), SERVICES_GRACE), wave(layout.workers(), WORKERS_GRACE)), START_TIMEOUT);
        synchronized (this) {
            up = true;
        }
        publish();
        archives.start();
    }

    /** In the background, one after the other: the next start is faster. */
    private void writeArchives() {
        for (Child child : supervisor.children()) {
            Optional<ClassArchive> archive = child.server().classArchive();
            try {
                if (archive.isPresent() && !archive.get().write(child.pid(), 19)) {
                    console.accept("the class archive of " + child.name() + " was not written: it starts slower");
                }
            } catch (IOException e) {
                console.accept("the class archive of " + child.name() + " was not written: " + e.getMessage());
            } catch (InterruptedException e) {
                return; // the platform stops
            }
        }
    }

    private Supervisor.Wave wave(List<? extends Server> servers, Duration grace) throws IOException {
        Path logs = Files.createDirectories(options.folder().resolve("logs"));
        return new Supervisor.Wave(
                servers.stream()
                        .map(server -> new Child(
                                server,
                                new ChildLog(server.name(), logs.resolve(server.name() + ".json")),
                                options.restarts(),
                                new Announcer()))
                        .toList(),
                grace);
    }

    /** Endpoints carry process ids, so they are written again with every new process. */
    private void publish() throws IOException {
        synchronized (this) {
            if (up) {
                endpoints().write(options.folder());
            }
        }
    }

    private final class Announcer implements Child.Watcher {
        @Override
        public void started(String name, long pid) {
            try {
                lock.remember(pid);
                if (isUp()) {
                    console.accept("%s is running again (pid %d)".formatted(name, pid));
                    publish();
                }
            } catch (IOException e) {
                console.accept("cannot record that %s has started: %s".formatted(name, e.getMessage()));
            }
        }

        @Override
        public void died(String name, long pid, int exitCode, boolean followed) {
            console.accept("%s (pid %d) died with exit code %d; %s"
                    .formatted(name, pid, exitCode, followed ? "restarting it" : "it is not restarted"));
        }
    }

    private synchronized boolean isUp() {
        return up;
    }
}
