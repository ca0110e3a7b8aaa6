package io.shoal.bench.trackers;

import io.shoal.bench.programs.ProcessFigures;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** HTTP announces, each over a connection of its own, from the load's core. */
final class Wrk {
    private static final Pattern RATE = Pattern.compile("Requests/sec:\\s*([0-9.]+)");
    private static final Pattern REFUSED = Pattern.compile("Non-2xx or 3xx responses: (\\d+)");
    private static final int SECONDS = 5;
    private static final int CONNECTIONS = 64;

    private final Path script;
    private final int torrents;

    Wrk(Path script, int torrents) {
        this.script = script;
        this.torrents = torrents;
    }

    /** The hexadecimal digits of the info-hash that the script has for {@code torrent}. */
    static String hash(int torrent) {
        return "%04x".formatted(torrent) + "aa".repeat(18);
    }

    /** Loads {@code tracker} for {@code warmUp} windows that do not count, then for {@code count} that do. */
    List<Window> run(Contestant tracker, int warmUp, int count) throws IOException, InterruptedException {
        List<Window> windows = new ArrayList<>();
        for (int i = 0; i < warmUp + count; i++) {
            windows.add(window(tracker, i));
        }
        return windows.subList(warmUp, windows.size());
    }

    private Window window(Contestant tracker, int seed) throws IOException, InterruptedException {
        ProcessFigures figures = tracker.figures();
        double cpu = figures.cpuSeconds();
        long start = System.nanoTime();
        Process wrk = new ProcessBuilder(Cores.load(List.of(
                        "wrk",
                        "--threads=1",
                        "--connections=" + CONNECTIONS,
                        "--duration=" + SECONDS + "s",
                        "--script=" + script,
                        "http://127.0.0.1:" + tracker.port(),
                        "--",
                        Integer.toString(torrents),
                        Integer.toString(seed))))
                .redirectErrorStream(true)
                .start();
        String report = new String(wrk.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        Matcher rate = RATE.matcher(report);
        if (wrk.waitFor() != 0 || !rate.find()) {
            throw new IOException("wrk failed: " + report);
        }
        double wall = (System.nanoTime() - start) / 1e9;
        double spent = figures.cpuSeconds() - cpu;
        double answered = Double.parseDouble(rate.group(1));
        Matcher refused = REFUSED.matcher(report);
        double errors = refused.find() ? Double.parseDouble(refused.group(1)) / wall : 0;
        return new Window(answered, errors, Double.NaN, spent / (answered * wall) * 1e6, spent / wall);
    }
}
