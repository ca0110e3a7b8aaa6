package io.shoal.intake.api;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The largest and the heaviest metainfo, in a JVM with the heap of a container of 512 MiB; figures are in target. */
class SmallHeapTest {
    @Test
    @Timeout(180)
    void theWorstMetainfoIsParsedOrRefusedAndNothingRunsOutOfMemory() throws Exception {
        String classPath = System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
        Process process = new ProcessBuilder(List.of(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx307m",
                        "-XX:+UseSerialGC",
                        "-XX:+ExitOnOutOfMemoryError",
                        "-cp",
                        classPath,
                        SmallHeap.class.getName()))
                .redirectErrorStream(true)
                .start();
        String output;
        try {
            process.getOutputStream().close();
            output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            process.waitFor(10, TimeUnit.SECONDS);
        } finally {
            process.destroyForcibly();
        }
        Files.writeString(Path.of("target", "small-heap.txt"), output);
        assertThat(process.exitValue()).as(output).isZero();
        assertThat(output).contains("parsed", "listed");
    }
}
