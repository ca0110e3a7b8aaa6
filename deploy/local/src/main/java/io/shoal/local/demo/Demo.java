package io.shoal.local.demo;

import io.shoal.bittorrent.metainfo.Metainfo;
import io.shoal.embedded.Home;
import io.shoal.local.client.ShoalClient;
import io.shoal.local.client.Transfer;
import io.shoal.local.peers.Aria2Peer;
import io.shoal.local.peers.EnginePeer;
import io.shoal.local.peers.OutsidePeer;
import io.shoal.local.platform.Endpoints;
import io.shoal.local.platform.Options;
import io.shoal.local.platform.Platform;
import io.shoal.local.terminal.Screen;
import io.shoal.local.terminal.Sizes;
import io.shoal.local.torrents.Content;
import io.shoal.local.torrents.Sha256;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;

/**
 * One torrent all the way, step by step, each told before it is done. It reads from top to bottom in {@link #run}.
 *
 * @param files what the torrent is made of; empty for the JDK's own {@code lib/modules}
 * @param fast whether the outside seed sends as fast as it can
 * @param stay whether the platform runs on until this process is ended
 * @param workers how many
 */
public record Demo(List<Path> files, boolean fast, boolean stay, int workers, Screen screen) {
    private static final long SEED_LIMIT = 12L << 20;
    private static final int PIECE_LENGTH = 1 << 20;
    private static final Duration PACE = Duration.ofMillis(250);

    public Demo {
        files = List.copyOf(files);
    }

    /** Plays it; an error with a plain reason if any step fails. */
    public void run() throws IOException, InterruptedException {
        Path folder = Files.createTempDirectory("shoal-demo");
        Runtime.getRuntime().addShutdownHook(new Thread(() -> deleteWhenStopped(folder), "clean"));
        Content content = DemoContent.of(files, folder);

        screen.line("1. Starting Kafka, PostgreSQL, an S3 server and Shoal's services, each in its own process");
        long start = System.nanoTime();
        try (Platform platform =
                Platform.start(Options.in(folder.resolve("platform")).workers(workers), screen::line)) {
            screen.line("   shoal is up, after %.1f s".formatted((System.nanoTime() - start) / 1e9));
            play(platform, content, folder);
        }
        screen.line("   everything has been stopped and deleted");
    }

    private void play(Platform platform, Content content, Path folder) throws IOException, InterruptedException {
        Endpoints endpoints = platform.endpoints();
        screen.line("2. Creating a torrent of %s, %s".formatted(content.root(), Sizes.of(content.size())));
        Shared shared = Shared.of(content, endpoints.trackers(), folder);

        screen.line("3. Creating a tenant and submitting the torrent: POST /v1/transfers");
        ShoalClient operator = new ShoalClient(endpoints.api(), endpoints.operatorKey());
        ShoalClient.Tenant tenant = operator.createTenant("demo");
        ShoalClient client = new ShoalClient(endpoints.api(), tenant.key());
        Transfer transfer = client.submit(shared.torrent().encode());
        screen.line("   intake has accepted it as transfer " + transfer.id());

        List<OutsidePeer> seeds = new ArrayList<>();
        try {
            screen.line("4. Seeding it from external clients%s, which find the worker through Shoal's tracker"
                    .formatted(fast ? "" : ", limited to " + Sizes.of(SEED_LIMIT) + "/s"));
            seeds.addAll(seeds(shared, folder));
            watch(client, operator, transfer.id());
        } finally {
            seeds.forEach(OutsidePeer::close);
        }
        screen.line("5. Downloading every file through its link and comparing SHA-256");
        URI lastLink = compareLinks(client, transfer.id(), content);

        screen.line("6. The external seeds have stopped. A new peer downloads everything from the platform");
        downloadFromPlatform(shared, folder);

        screen.line("Success: every byte was the same, through the link and from the swarm.");
        new NextSteps(endpoints, tenant.key(), transfer.id(), lastLink, platform.folder(), stay).show(screen);
        if (stay) {
            new CountDownLatch(1).await();
        }
    }

    private List<OutsidePeer> seeds(Shared shared, Path folder) throws IOException, InterruptedException {
        boolean aria2 = Aria2Peer.isInstalled();
        long limit = fast ? 0 : aria2 ? SEED_LIMIT / 2 : SEED_LIMIT;
        Content content = shared.content();
        List<OutsidePeer> seeds = new ArrayList<>();
        seeds.add(EnginePeer.start(shared.torrent(), content.files(), Options.LOOPBACK, limit));
        if (aria2) {
            // aria2 writes a control file beside what it seeds, which must not be the content's own folder.
            Path beside = Files.createDirectories(folder.resolve("aria2-seed"));
            Files.createSymbolicLink(beside.resolve(content.name()), content.root());
            Path log = folder.resolve("aria2-seed.log");
            seeds.add(Aria2Peer.start(shared.file(), beside, Options.LOOPBACK, limit, log));
        }
        screen.line("   seeds: "
                + String.join(", ", seeds.stream().map(OutsidePeer::name).toList()));
        return seeds;
    }

    /** Shows the transfer until all of it is stored. */
    private void watch(ShoalClient client, ShoalClient operator, String id) throws IOException, InterruptedException {
        StallDetector stall = new StallDetector("the download");
        long start = System.nanoTime();
        Transfer transfer = client.transfer(id);
        while (!transfer.complete()) {
            if (transfer.state().equals("FAILED")) {
                throw new IOException("the transfer failed: " + transfer.reason());
            }
            stall.progress(transfer.stored() + transfer.peers());
            screen.progress(line(transfer, operator.worker(id)));
            Thread.sleep(PACE);
            transfer = client.transfer(id);
        }
        double seconds = (System.nanoTime() - start) / 1e9;
        screen.line(line(transfer, operator.worker(id)));
        screen.line(String.format(
                Locale.ROOT, "   stored in %.1f s, %s/s", seconds, Sizes.of((long) (transfer.wanted() / seconds))));
    }

    private static String line(Transfer transfer, @Nullable String worker) {
        return "   %s %4s  %8s/s  peers %d  pieces stored %d of %d  | %s"
                .formatted(
                        Sizes.bar(transfer.stored(), transfer.wanted(), 30),
                        Sizes.percent(transfer.stored(), transfer.wanted()),
                        Sizes.of(transfer.downRate()),
                        transfer.peers(),
                        transfer.stored() / PIECE_LENGTH,
                        (transfer.wanted() + PIECE_LENGTH - 1) / PIECE_LENGTH,
                        doing(transfer, worker == null ? "a worker" : worker));
    }

    private static String doing(Transfer transfer, String worker) {
        return switch (transfer.state()) {
            case "QUEUED" -> "published by intake; " + worker + " starts it";
            case "DOWNLOADING" ->
                transfer.peers() == 0
                        ? worker + " asks the tracker for peers"
                        : worker + " downloads, verifies and stores";
            case "SEEDING" -> "storage assembles and serves; " + worker + " seeds";
            default -> transfer.state();
        };
    }

    private URI compareLinks(ShoalClient client, String id, Content content) throws IOException, InterruptedException {
        List<Path> sources = content.files();
        List<ShoalClient.File> files = client.files(id);
        if (files.size() != sources.size()) {
            throw new IOException("the platform shows %d files of %d".formatted(files.size(), sources.size()));
        }
        URI link = client.link(id, 0);
        for (ShoalClient.File file : files) {
            link = client.link(id, file.index());
            try (InputStream bytes = ShoalClient.open(link)) {
                compare(file.path(), Sha256.of(sources.get(file.index())), Sha256.of(bytes));
            }
        }
        return link;
    }

    private void downloadFromPlatform(Shared shared, Path folder) throws IOException, InterruptedException {
        Content content = shared.content();
        Path into = Files.createDirectories(folder.resolve("fresh"));
        List<Path> copies =
                content.files().stream().map(file -> content.copyOf(file, into)).toList();
        long total = content.size();
        try (OutsidePeer leech = Aria2Peer.isInstalled()
                ? Aria2Peer.start(shared.file(), into, Options.LOOPBACK, 0, folder.resolve("aria2-leech.log"))
                : EnginePeer.start(shared.torrent(), copies, Options.LOOPBACK, 0)) {
            StallDetector stall = new StallDetector("the new peer");
            for (OutsidePeer.Progress now = leech.progress(); !now.complete(); now = leech.progress()) {
                stall.progress(now.downloaded());
                screen.progress("   %s %4s  %s has %s"
                        .formatted(
                                Sizes.bar(now.downloaded(), total, 30),
                                Sizes.percent(now.downloaded(), total),
                                leech.name(),
                                Sizes.of(now.downloaded())));
                Thread.sleep(PACE);
            }
            for (int i = 0; i < copies.size(); i++) {
                Path source = content.files().get(i);
                compare(leech.name() + ": " + source.getFileName(), Sha256.of(source), Sha256.of(copies.get(i)));
            }
        }
    }

    private void compare(String what, String expected, String actual) throws IOException {
        if (!expected.equals(actual)) {
            throw new IOException("%s differs: SHA-256 %s instead of %s".formatted(what, actual, expected));
        }
        screen.line("   %s  %s".formatted(actual, what));
    }

    /** The content, its torrent, and the .torrent file. */
    private record Shared(Content content, Metainfo torrent, Path file) {
        static Shared of(Content content, List<String> trackers, Path folder) throws IOException {
            Metainfo torrent = content.torrent(PIECE_LENGTH, trackers);
            return new Shared(content, torrent, Files.write(folder.resolve("demo.torrent"), torrent.encode()));
        }
    }

    private static void deleteWhenStopped(Path folder) {
        // Shutdown hooks run concurrently: wait until the platform's hook has released its folder.
        try {
            while (Files.exists(Endpoints.file(folder.resolve("platform")))) {
                Thread.sleep(PACE);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        Home.delete(folder);
    }
}
