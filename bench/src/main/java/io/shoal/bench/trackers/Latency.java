package io.shoal.bench.trackers;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;

/**
 * What {@link LatencyProbe} saw.
 *
 * @param median milliseconds
 * @param p99 milliseconds
 * @param lost the part of all announces that got no answer in 200 ms
 */
record Latency(double median, double p99, double lost) {
    /** Starts a probe of {@code port} that runs for {@code seconds}. */
    static Process start(int port, int seconds) throws IOException {
        return new ProcessBuilder(Cores.load(List.of(
                        "chrt",
                        "--fifo",
                        "1",
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:TieredStopAtLevel=1",
                        "-XX:+UseSerialGC",
                        "-Xmx64m",
                        "-cp",
                        System.getProperty("java.class.path"),
                        LatencyProbe.class.getName(),
                        Integer.toString(port),
                        Integer.toString(seconds))))
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
    }

    static Latency of(Process probe) throws IOException, InterruptedException {
        String said = new String(probe.getInputStream().readAllBytes(), StandardCharsets.US_ASCII).strip();
        if (probe.waitFor() != 0) {
            throw new IOException("the probe of latency failed; it needs chrt and the right to use it");
        }
        String[] figures = said.split(" ", -1);
        return new Latency(
                Double.parseDouble(figures[0]), Double.parseDouble(figures[1]), Double.parseDouble(figures[2]));
    }
}
