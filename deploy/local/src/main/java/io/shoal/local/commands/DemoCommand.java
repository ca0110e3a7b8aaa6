package io.shoal.local.commands;

import io.shoal.local.demo.Demo;
import io.shoal.local.terminal.Screen;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Shows one torrent from submission to seeding. */
@Command(
        name = "demo",
        description = {
            "Downloads a torrent, serves it through links and seeds it, showing every step.",
            "Starts a platform of its own, compares every byte, and deletes everything afterwards."
        })
final class DemoCommand implements Callable<Integer> {
    @Parameters(
            paramLabel = "FILE",
            arity = "0..*",
            description = "Files to create the torrent from. Default: the JDK's own lib/modules.")
    private List<Path> files = new ArrayList<>();

    @Option(names = "--fast", description = "Does not limit the external seed to 12 MiB/s.")
    private boolean fast;

    @Option(names = "--stay", description = "Keeps the platform running until Ctrl-C.")
    private boolean stay;

    @Mixin
    private WorkersOption workers = new WorkersOption();

    @Override
    public Integer call() throws IOException, InterruptedException {
        new Demo(files, fast, stay, workers.count(), new Screen(System.out)).run();
        return 0;
    }
}
