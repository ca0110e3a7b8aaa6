package io.shoal.embedded.test;

import io.quarkus.test.common.QuarkusTestResourceLifecycleManager;
import io.shoal.embedded.Home;
import io.shoal.embedded.RunningServer;
import io.shoal.embedded.Server;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** One embedded server in a folder that goes with it. */
abstract class ServerResource<S extends Server> implements QuarkusTestResourceLifecycleManager {
    private static final Duration TIMEOUT = Duration.ofSeconds(60);

    private @Nullable Path folder;
    private @Nullable RunningServer running;

    /** The server, not yet started, with all that it keeps in {@code folder}. */
    abstract S server(Path folder);

    /** What the application is told of the {@code server}, which is ready. */
    abstract Map<String, String> configuration(S server) throws Exception;

    @Override
    public Map<String, String> start() {
        try {
            Path fresh = Files.createTempDirectory("shoal-test-");
            folder = fresh;
            S server = server(fresh);
            running = RunningServer.start(server, fresh.resolve(server.name() + ".log"), TIMEOUT);
            return configuration(server);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (Exception e) {
            throw new IllegalStateException("an embedded server did not start", e);
        }
    }

    @Override
    public void stop() {
        if (running != null) {
            running.close();
        }
        if (folder != null) {
            Home.delete(folder);
        }
    }
}
