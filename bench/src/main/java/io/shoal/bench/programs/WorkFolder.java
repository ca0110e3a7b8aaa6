package io.shoal.bench.programs;

import io.shoal.embedded.Home;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import picocli.CommandLine.Option;

/** Where a bench writes: an option of its command, below which each run has a folder that goes with it. */
public final class WorkFolder {
    @Option(names = "--folder", description = "Where payload, data and logs lie (default: ${DEFAULT-VALUE}).")
    private Path folder;

    /** Below {@code folder}, if nothing else is said. */
    public WorkFolder(Path folder) {
        this.folder = folder;
    }

    /** Below the folder for temporary files, if nothing else is said. */
    public WorkFolder() {
        this(Path.of(System.getProperty("java.io.tmpdir")));
    }

    /** The folder of one run; closing deletes it and all in it. */
    public record Run(Path path) implements AutoCloseable {
        @Override
        public void close() {
            Home.delete(path);
        }
    }

    /** A folder that did not exist. */
    public Run make() throws IOException {
        return new Run(Files.createTempDirectory(folder, "shoal-bench-"));
    }
}
