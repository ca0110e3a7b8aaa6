package io.shoal.engine.swarms;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** Another BitTorrent client, as a process of its own that ends with the test. */
final class ClientProcess implements AutoCloseable {
    private static final int PATIENCE_S = 60;

    private final Process process;
    private final BufferedReader output;

    private ClientProcess(List<String> command, Path directory) throws IOException {
        process = new ProcessBuilder(command)
                .directory(directory.toFile())
                .redirectErrorStream(true)
                .start();
        output = new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
    }

    static ClientProcess start(Path directory, String... command) throws IOException {
        return new ClientProcess(List.of(command), directory);
    }

    /** The next line that it prints. */
    String line() throws Exception {
        String line = CompletableFuture.supplyAsync(() -> {
                    try {
                        return output.readLine();
                    } catch (IOException e) {
                        throw new AssertionError(e);
                    }
                })
                .get(PATIENCE_S, TimeUnit.SECONDS);
        assertThat(line).as("a line of output").isNotNull();
        return line;
    }

    /** Reads lines until one matches {@code regex}. */
    void awaitLine(String regex) throws Exception {
        for (String line = line(); !line.matches(regex); line = line()) {
            assertThat(line).as("before \"%s\"", regex).matches("(port|peer|done).*");
        }
    }

    /** Writes a line to its standard input. */
    void send(String line) throws IOException {
        process.getOutputStream().write((line + "\n").getBytes(StandardCharsets.UTF_8));
        process.getOutputStream().flush();
    }

    /** Waits until it ends by itself, and well. */
    void awaitEnd() throws Exception {
        CompletableFuture<String> printed = CompletableFuture.supplyAsync(
                () -> String.join("\n", output.lines().toList()));
        assertThat(process.waitFor(PATIENCE_S, TimeUnit.SECONDS))
                .as("ended in time")
                .isTrue();
        assertThat(process.exitValue())
                .as(printed.get(PATIENCE_S, TimeUnit.SECONDS))
                .isZero();
    }

    @Override
    public void close() throws IOException {
        process.destroyForcibly();
        process.onExit().join();
        output.close();
    }
}
