package io.shoal.bench.downloads;

import io.shoal.bench.programs.Child;
import io.shoal.bench.programs.ProcessFigures;
import io.shoal.bench.programs.WorkFolder;
import io.shoal.bittorrent.metainfo.Metainfo;
import io.shoal.embedded.Home;
import io.shoal.local.client.ShoalClient;
import io.shoal.local.peers.EnginePeer;
import io.shoal.local.platform.Endpoints;
import io.shoal.local.platform.Options;
import io.shoal.local.torrents.Content;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/**
 * The memory of a whole platform with one worker while it downloads: of the launcher and of every process below it. A page
 * that several of them share counts once, in parts. The seed is in this process, which does not count.
 */
@Command(
        name = "memory",
        mixinStandardHelpOptions = true,
        description = "The memory of all processes of a platform during a download, looked at once a second.")
public final class MemoryBench implements Callable<Integer> {
    private static final Duration START = Duration.ofMinutes(3);
    private static final Duration LIMIT = Duration.ofMinutes(10);
    private static final int PIECE_LENGTH = 1 << 20;

    @Option(
            names = "--mib",
            defaultValue = "2048",
            description = "Size of the torrent (default: ${DEFAULT-VALUE} MiB).")
    private int mib = 2048;

    @Option(
            names = "--limit",
            defaultValue = "2048",
            description = "More is a failure (default: ${DEFAULT-VALUE} MiB).")
    private int limitMiB = 2048;

    @Mixin
    private final WorkFolder folder = new WorkFolder();

    /** MiB of each process at one moment. */
    private record Sample(Map<String, Double> shares) {
        double sum() {
            return shares.values().stream().mapToDouble(Double::doubleValue).sum();
        }
    }

    @Override
    public Integer call() throws Exception {
        try (WorkFolder.Run work = folder.make()) {
            return report(measure(work.path())) ? 0 : 1;
        }
    }

    private Sample measure(Path work) throws IOException, InterruptedException {
        Path data = Files.createDirectory(work.resolve("platform"));
        Content content = Content.of(OutsideSeed.payload(work, mib, 1));
        try (Child launcher = Child.start(
                work.resolve("up.log"), Home.checkout().resolve("shoal").toString(), "up", "--data", data.toString())) {
            launcher.awaitLine("shoal is up", START);
            Endpoints endpoints = Endpoints.read(data);
            ShoalClient.Tenant tenant = new ShoalClient(endpoints.api(), endpoints.operatorKey()).createTenant("bench");
            ShoalClient client = new ShoalClient(endpoints.api(), tenant.key());
            Metainfo torrent = content.torrent(
                    PIECE_LENGTH, List.of(endpoints.trackerHttp().getFirst()));
            String transfer = client.submit(torrent.encode()).id();
            try (EnginePeer _ = EnginePeer.start(torrent, content.files(), Options.LOOPBACK, 0)) {
                return watch(launcher, endpoints, client, transfer);
            }
        }
    }

    /** The moment of the most memory until the download is complete. */
    private static Sample watch(Child launcher, Endpoints endpoints, ShoalClient client, String transfer)
            throws IOException, InterruptedException {
        long begun = System.nanoTime();
        Sample most = sample(launcher, endpoints);
        while (!client.transfer(transfer).complete()) {
            if (System.nanoTime() - begun > LIMIT.toNanos()) {
                throw new IOException("transfer " + transfer + " is not complete in time");
            }
            TimeUnit.SECONDS.sleep(1);
            Sample now = sample(launcher, endpoints);
            most = now.sum() > most.sum() ? now : most;
        }
        System.out.printf(Locale.ROOT, "downloaded in %.1f s%n", (System.nanoTime() - begun) / 1e9);
        return most;
    }

    private static Sample sample(Child launcher, Endpoints endpoints) throws IOException {
        Map<String, Double> shares = new TreeMap<>();
        shares.put("launcher", new ProcessFigures(launcher.pid()).shareMiB());
        for (Endpoints.Running process : endpoints.processes()) {
            double share = new ProcessFigures(process.pid()).shareMiB();
            for (ProcessHandle below :
                    ProcessHandle.of(process.pid()).orElseThrow().descendants().toList()) {
                share += shareOf(below);
            }
            shares.put(process.name(), share);
        }
        return new Sample(shares);
    }

    /** Of a process that may end meanwhile, as PostgreSQL's do. */
    private static double shareOf(ProcessHandle process) throws IOException {
        try {
            return new ProcessFigures(process.pid()).shareMiB();
        } catch (IOException e) {
            if (process.isAlive()) {
                throw e;
            }
            return 0;
        }
    }

    private boolean report(Sample most) {
        System.out.printf("%n| %d MiB downloaded | MiB (PSS) at the highest sum |%n|---|---|%n", mib);
        most.shares().forEach((name, share) -> System.out.printf(Locale.ROOT, "| %s | %.0f |%n", name, share));
        System.out.printf(Locale.ROOT, "| all | %.0f |%n", most.sum());
        return most.sum() <= limitMiB;
    }
}
