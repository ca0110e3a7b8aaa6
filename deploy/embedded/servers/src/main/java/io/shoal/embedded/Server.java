package io.shoal.embedded;

import java.io.IOException;
import java.util.Optional;

/**
 * A server that runs as a child process: how its folder is prepared, how it is started, when it is ready, how it is asked to
 * end. It knows nothing of its supervisor.
 */
public interface Server {
    /** A word for logs and messages. */
    String name();

    /** Prepares the folder that the process expects; does nothing when that was done before. */
    void prepare() throws IOException, InterruptedException;

    /** The process; its output is for a log. */
    ProcessBuilder command() throws IOException;

    /** Whether it answers as it should, now. Does not wait. */
    boolean isReady();

    /** The class archive that a JVM of this server uses, or may write; empty if it is no JVM. */
    default Optional<ClassArchive> classArchive() {
        return Optional.empty();
    }

    /** Asks {@code process}, which runs this server, to end in good order. Does not wait. */
    default void terminate(Process process) {
        process.destroy();
    }
}
