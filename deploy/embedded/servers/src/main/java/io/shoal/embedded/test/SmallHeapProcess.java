package io.shoal.embedded.test;

import io.shoal.embedded.Home;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A test's own program in a JVM with the heap of a service in a container of 512 MiB: the first lack of memory ends it. */
public final class SmallHeapProcess {
    private static final String HEAP = "-Xmx307m";
    private static final int END_SECONDS = 10;

    private SmallHeapProcess() {}

    /**
     * Runs {@code program} on the class path of the test and returns what it prints, which is also in target/small-heap.txt.
     *
     * @throws AssertionError if it does not end regularly
     */
    public static String run(Class<?> program) throws IOException, InterruptedException {
        String classPath = System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
        Process process = new ProcessBuilder(List.of(
                        Home.java(),
                        HEAP,
                        "-XX:+UseSerialGC",
                        "-XX:+ExitOnOutOfMemoryError",
                        "-cp",
                        classPath,
                        program.getName()))
                .redirectErrorStream(true)
                .start();
        try {
            process.getOutputStream().close();
            String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            Files.writeString(Path.of("target", "small-heap.txt"), output);
            if (!process.waitFor(END_SECONDS, TimeUnit.SECONDS) || process.exitValue() != 0) {
                throw new AssertionError(program.getName() + " failed:\n" + output);
            }
            return output;
        } finally {
            process.destroyForcibly();
        }
    }
}
