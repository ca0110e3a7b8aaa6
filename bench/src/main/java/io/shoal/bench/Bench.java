package io.shoal.bench;

import io.shoal.bench.trackers.TrackerBench;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** The benchmarks, by name. */
@Command(
        name = "shoal bench",
        mixinStandardHelpOptions = true,
        description = "Measures Shoal beside other programs on the same work in one run.",
        subcommands = {DownloadBench.class, TrackerBench.class})
public final class Bench {
    private Bench() {}

    public static void main(String[] args) {
        System.exit(new CommandLine(new Bench()).execute(args));
    }
}
