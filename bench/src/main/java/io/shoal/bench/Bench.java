package io.shoal.bench;

import io.shoal.bench.control.ControlBench;
import io.shoal.bench.downloads.DownloadBench;
import io.shoal.bench.downloads.MemoryBench;
import io.shoal.bench.replication.ReplicationBench;
import io.shoal.bench.trackers.TrackerBench;
import java.util.concurrent.CountDownLatch;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** The benchmarks, by name. One that is ended by a signal still stops what it has started and deletes what it has made. */
@Command(
        name = "shoal bench",
        mixinStandardHelpOptions = true,
        description = "Measures Shoal beside other programs on the same work in one run.",
        subcommands = {
            ControlBench.class,
            DownloadBench.class,
            MemoryBench.class,
            ReplicationBench.class,
            TrackerBench.class
        })
public final class Bench {
    private Bench() {}

    public static void main(String[] args) {
        Thread bench = Thread.currentThread();
        CountDownLatch cleaned = new CountDownLatch(1);
        Runtime.getRuntime().addShutdownHook(new Thread(() -> giveUp(bench, cleaned), "give up"));
        int code;
        try {
            code = new CommandLine(new Bench())
                    .setExecutionExceptionHandler((failure, command, parsed) -> {
                        command.getErr().println("shoal: " + failure);
                        return 1;
                    })
                    .execute(args);
        } finally {
            cleaned.countDown();
        }
        System.exit(code);
    }

    private static void giveUp(Thread bench, CountDownLatch cleaned) {
        bench.interrupt();
        try {
            cleaned.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
