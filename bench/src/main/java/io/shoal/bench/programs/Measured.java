package io.shoal.bench.programs;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * One command, run to its end.
 *
 * @param wall seconds
 * @param cpu seconds in user and kernel mode, by the kernel's own account at its end
 * @param peakMiB most resident memory
 */
public record Measured(double wall, double cpu, double peakMiB) {

    /** Runs {@code command}; its output goes to {@code log}. An exit code other than 0 is an error. */
    public static Measured run(List<String> command, Path log, Duration limit)
            throws IOException, InterruptedException {
        Path figures = log.resolveSibling(log.getFileName() + ".figures");
        List<String> timed =
                new java.util.ArrayList<>(List.of("/usr/bin/time", "--format=%e %U %S %M", "--output=" + figures));
        timed.addAll(command);
        ProcessBuilder builder =
                new ProcessBuilder(timed).redirectErrorStream(true).redirectOutput(log.toFile());
        // What the user has set for another S3 must not steer rclone.
        builder.environment().keySet().removeIf(variable -> variable.startsWith("AWS_"));
        Process process = builder.start();
        try {
            if (!process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS)) {
                throw new IOException(command.getFirst() + " took more than " + limit + ": " + LastWords.of(log));
            }
        } finally {
            process.descendants().forEach(ProcessHandle::destroy);
            process.destroy();
        }
        if (process.exitValue() != 0) {
            throw new IOException(
                    command.getFirst() + " failed with " + process.exitValue() + ": " + LastWords.of(log));
        }
        List<String> lines = java.nio.file.Files.readAllLines(figures);
        List<String> f = List.of(lines.getLast().split(" ", -1));
        return new Measured(
                Double.parseDouble(f.get(0)),
                Double.parseDouble(f.get(1)) + Double.parseDouble(f.get(2)),
                Double.parseDouble(f.get(3)) / 1024);
    }

    /** The two one after the other. */
    public Measured then(Measured next) {
        return new Measured(wall + next.wall, cpu + next.cpu, Math.max(peakMiB, next.peakMiB));
    }
}
