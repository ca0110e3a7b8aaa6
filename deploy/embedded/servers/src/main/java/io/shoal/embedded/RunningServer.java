package io.shoal.embedded;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * A server's process, from ready to ended. Closing writes its class archive if there is none, asks it to end, waits, and kills
 * it if it does not.
 */
public final class RunningServer implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(15);

    private final Server server;
    private final Process process;

    private RunningServer(Server server, Process process) {
        this.server = server;
        this.process = process;
    }

    /** Starts {@code server} with its output going to {@code log}; returns when it is ready. */
    public static RunningServer start(Server server, Path log, Duration timeout)
            throws IOException, InterruptedException {
        server.prepare();
        Process process = server.command()
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
                .start();
        RunningServer running = new RunningServer(server, process);
        long deadline = System.nanoTime() + timeout.toNanos();
        while (!server.isReady()) {
            boolean late = System.nanoTime() > deadline;
            if (late || process.waitFor(100, TimeUnit.MILLISECONDS)) {
                running.close();
                throw new IOException(server.name() + (late ? " is not ready in time" : " ended") + "; see " + log);
            }
        }
        return running;
    }

    /** Without one the server starts slower, but as well: a failure is no failure of what it is needed for. */
    private void writeClassArchive() throws InterruptedException {
        Optional<ClassArchive> archive = server.classArchive();
        if (archive.isPresent() && process.isAlive()) {
            try {
                archive.get().write(process.pid(), 0);
            } catch (IOException e) {
                System.err.println("no class archive of " + server.name() + ": " + e.getMessage());
            }
        }
    }

    /** The child process. */
    public Process process() {
        return process;
    }

    @Override
    public void close() {
        try {
            writeClassArchive();
            server.terminate(process);
            if (!process.waitFor(PATIENCE.toMillis(), TimeUnit.MILLISECONDS)) {
                process.destroyForcibly().waitFor();
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }
}
