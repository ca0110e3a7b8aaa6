package io.shoal.bench.trackers;

import io.shoal.bench.programs.ProcessFigures;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * One of aquatic's testers at work. It reports every 5 s; the tracker's CPU is read when a report comes, so that both are of the
 * same window.
 */
final class Load {
    private static final Pattern FIGURE = Pattern.compile("\\s*(?:- )?([A-Z][a-z ]+):\\s*([0-9.]+|NaN).*");

    /** What each tester says last in a report. */
    private static final List<String> LAST = List.of("Peers per announce response", "Bandwidth in");

    private final List<String> command;
    private final Path log;

    /**
     * @param config the tester's
     */
    Load(Path tester, Path config) {
        command = Cores.load(List.of(tester.toString(), "--config-file", config.toString()));
        log = config.resolveSibling(config.getFileName() + ".log");
    }

    /** What else is to begin with the first window that counts. */
    interface Start {
        void now() throws IOException;
    }

    /** Loads the tracker until it has answered {@code warmUp} announces, then for {@code count} windows more. */
    List<Window> run(ProcessFigures tracker, long warmUp, int count, Start warm) throws IOException {
        Process tester = new ProcessBuilder(command).redirectError(log.toFile()).start();
        List<Window> windows = new ArrayList<>();
        try (BufferedReader report = tester.inputReader()) {
            double answered = 0;
            long at = System.nanoTime();
            double cpu = tracker.cpuSeconds();
            Map<String, Double> figures = new HashMap<>();
            while (windows.size() < count) {
                String line = report.readLine();
                if (line == null) {
                    throw new IOException(command + " ended; see " + log);
                }
                Matcher figure = FIGURE.matcher(line);
                if (!figure.matches()) {
                    continue;
                }
                figures.put(figure.group(1), Double.valueOf(figure.group(2)));
                if (LAST.contains(figure.group(1))) {
                    long now = System.nanoTime();
                    double spent = tracker.cpuSeconds();
                    Window window = window(figures, (now - at) / 1e9, spent - cpu);
                    if (answered >= warmUp) {
                        windows.add(window);
                    }
                    boolean wasCold = answered < warmUp;
                    answered += window.announces() * (now - at) / 1e9;
                    if (wasCold && answered >= warmUp) {
                        warm.now();
                    }
                    at = now;
                    cpu = spent;
                }
            }
        } finally {
            tester.destroy();
        }
        return windows;
    }

    private static Window window(Map<String, Double> figures, double wall, double cpu) {
        double announces = figures.getOrDefault("Announce responses", 0.0);
        double errors = figures.getOrDefault("Error responses", 0.0) + figures.getOrDefault("Failure responses", 0.0);
        double peers = figures.getOrDefault("Peers per announce response", Double.NaN);
        return new Window(announces, errors, peers, cpu / (announces * wall) * 1e6, cpu / wall);
    }
}
