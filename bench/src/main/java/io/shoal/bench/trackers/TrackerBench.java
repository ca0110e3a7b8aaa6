package io.shoal.bench.trackers;

import io.shoal.bench.programs.WorkFolder;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * Our tracker beside opentracker and aquatic, each alone on one core under the same load from the other core: aquatic's testers
 * for UDP and for HTTP with connections that are kept, wrk for one connection a request. The floor is what our sockets cost with
 * a canned reply behind them.
 */
@Command(
        name = "tracker",
        mixinStandardHelpOptions = true,
        description =
                "Our tracker beside opentracker and aquatic. Needs two cores, taskset, chrt, wrk and opentracker.")
public final class TrackerBench implements Callable<Integer> {
    private static final int TORRENTS = 1_000_000;
    private static final int PEERS = 2_000_000;
    private static final int WANTED = 30;
    private static final int CROWD = 200_000;
    private static final int WINDOW_SECONDS = 5;
    private static final int HTTP_TORRENTS = 10_000;
    private static final int HTTP_CONNECTIONS = 128;

    /** Announces before the first HTTP window: the virtual machine has compiled what it will. */
    private static final long HTTP_WARM_UP = 400_000;

    /** Windows of wrk that are not counted, for the same reason. */
    private static final int WRK_WARM_UP = 3;

    /** What is measured. */
    enum Part {
        UDP,
        HOT,
        HTTP,
        CONNECTIONS
    }

    @Option(names = "--windows", defaultValue = "5", description = "Windows of 5 s for each row (default: 5).")
    private int windows = 5;

    @Option(names = "--aquatic", required = true, description = "Where cargo installed aquatic's programs.")
    private Path aquatic = Path.of(".");

    @Option(
            names = "--opentracker",
            defaultValue = "opentracker",
            description = "The program. Debian's has a whitelist, which a million torrents slow down to a half; "
                    + "one that is built without is compared more fairly.")
    private String opentracker = "opentracker";

    @Option(names = "--parts", split = ",", description = "Of ${COMPLETION-CANDIDATES} (default: all).")
    private Set<Part> parts = EnumSet.allOf(Part.class);

    @Option(names = "--checkout", defaultValue = ".", hidden = true)
    private Path checkout = Path.of(".");

    @Option(names = "--app", defaultValue = "services/tracker/target/quarkus-app", hidden = true)
    private Path app = Path.of("services/tracker/target/quarkus-app");

    /** One tracker's figures. */
    private record Row(
            String name, List<Window> windows, @Nullable Latency latency) {}

    private record Memory(String name, double bytesPerPeer, double residentMiB) {}

    private final List<Memory> memory = new ArrayList<>();
    private int peersRemembered;
    private int peersPerReply = WANTED;

    @Override
    public Integer call() throws Exception {
        try (WorkFolder.Run made = new WorkFolder().make()) {
            Path work = made.path();
            Lineup lineup = new Lineup(
                    work,
                    checkout.resolve(app).toAbsolutePath(),
                    checkout.resolve("bench/target/classes").toAbsolutePath(),
                    aquatic,
                    opentracker);
            if (parts.contains(Part.UDP)) {
                udp(lineup, work);
            }
            if (parts.contains(Part.HOT)) {
                hot(lineup, work);
            }
            if (parts.contains(Part.HTTP)) {
                http(lineup, work);
            }
            if (parts.contains(Part.CONNECTIONS)) {
                connections(lineup);
            }
        }
        return 0;
    }

    private void udp(Lineup lineup, Path work) throws Exception {
        List<Row> rows = new ArrayList<>();
        int management = Lineup.freePort();
        try (Contestant shoal = lineup.shoal(management)) {
            double before = heap(shoal, management);
            rows.add(udp("shoal", lineup, work, shoal));
            peersRemembered = (int) metric(management, "shoal_tracker_peers{");
            peersPerReply = (int) Math.round(Window.median(rows.getFirst().windows(), Window::peers));
            remember("shoal", heap(shoal, management) - before, shoal);
        }
        TesterHashes hashes = new TesterHashes();
        String kind = lineup.opentrackerHasWhitelist() ? "opentracker, a million in its whitelist" : "opentracker";
        try (Contestant other = lineup.opentracker(TORRENTS, i -> hashes.next())) {
            rows.add(udpBesideOurs(kind, lineup, work, other));
        }
        try (Contestant other = lineup.aquaticUdp(false)) {
            rows.add(udpBesideOurs("aquatic_udp, mio", lineup, work, other));
        }
        try (Contestant other = lineup.aquaticUdp(true)) {
            rows.add(udpBesideOurs("aquatic_udp, io_uring", lineup, work, other));
        }
        try (Contestant floor = lineup.cannedReplies(peersPerReply)) {
            rows.add(udp("the floor: %d canned peers".formatted(peersPerReply), lineup, work, floor));
        }
        System.out.printf(
                Locale.ROOT,
                "%nUDP, %,d torrents, %,d peers drawn (%,d remembered), %d wanted; ours: `%s`%n%n",
                TORRENTS,
                PEERS,
                peersRemembered,
                WANTED,
                Lineup.jvm());
        print(rows);
        System.out.printf("%n| memory | bytes per peer | resident MiB |%n|---|---|---|%n");
        for (Memory row : memory) {
            System.out.printf(Locale.ROOT, "| %s | %.1f | %.0f |%n", row.name, row.bytesPerPeer, row.residentMiB);
        }
        System.out.println(
                "\nOurs: heap after a full collection, less that before the first announce; others: resident.");
    }

    private Row udpBesideOurs(String name, Lineup lineup, Path work, Contestant other) throws Exception {
        double before = other.figures().residentMiB();
        Row row = udp(name, lineup, work, other);
        remember(name, (other.figures().residentMiB() - before) * (1 << 20), other);
        return row;
    }

    private void remember(String name, double bytes, Contestant tracker) throws IOException {
        memory.add(new Memory(name, bytes / peersRemembered, tracker.figures().residentMiB()));
    }

    private Row udp(String name, Lineup lineup, Path work, Contestant tracker) throws Exception {
        return measured(name, udpLoad(lineup, work, tracker, TORRENTS, PEERS, 1), tracker, PEERS);
    }

    /** One torrent, filled from six addresses with what a swarm can have, then asked about from one. */
    private void hot(Lineup lineup, Path work) throws Exception {
        int management = Lineup.freePort();
        try (Contestant shoal = lineup.shoal(management)) {
            udpLoad(lineup, work, shoal, 1, CROWD * 3 / 2, 6).run(shoal.figures(), 2 * CROWD, 1, () -> {});
            int filled = (int) metric(management, "shoal_tracker_peers{");
            if (filled < CROWD) {
                throw new IOException("only %d peers in the swarm".formatted(filled));
            }
            Row row = measured(
                    "shoal, one swarm of %,d".formatted(filled),
                    udpLoad(lineup, work, shoal, 1, CROWD / 4, 1),
                    shoal,
                    CROWD);
            System.out.println("\nA hot swarm\n");
            print(List.of(row));
        }
    }

    private static Load udpLoad(Lineup lineup, Path work, Contestant tracker, int torrents, int peers, int workers)
            throws IOException {
        Path config = Files.writeString(
                work.resolve("udp_load.toml"), """
                server_address = "127.0.0.1:%d"
                workers = %d
                extra_statistics = false
                [requests]
                number_of_torrents = %d
                number_of_peers = %d
                announce_peers_wanted = %d
                weight_connect = 1
                weight_announce = 99
                weight_scrape = 0
                """.formatted(tracker.port(), workers, torrents, peers, WANTED));
        return new Load(lineup.tester("aquatic_udp_load_test"), config);
    }

    private void http(Lineup lineup, Path work) throws Exception {
        List<Row> rows = new ArrayList<>();
        try (Contestant shoal = lineup.shoal(Lineup.freePort())) {
            rows.add(http("shoal", lineup, work, shoal));
        }
        try (Contestant other = lineup.aquaticHttp()) {
            rows.add(http("aquatic_http", lineup, work, other));
        }
        System.out.printf("%nHTTP, %d connections that are kept%n%n", HTTP_CONNECTIONS);
        print(rows);
    }

    private Row http(String name, Lineup lineup, Path work, Contestant tracker) throws Exception {
        Path config = Files.writeString(
                work.resolve("http_load.toml"), """
                server_address = "127.0.0.1:%d"
                num_connections = %d
                connection_creation_interval_ms = 5
                enable_tls = false
                [torrents]
                number_of_torrents = %d
                """.formatted(tracker.port(), HTTP_CONNECTIONS, HTTP_TORRENTS));
        Load load = new Load(lineup.tester("aquatic_http_load_test"), config);
        return seen(new Row(name, load.run(tracker.figures(), HTTP_WARM_UP, windows, () -> {}), null));
    }

    private void connections(Lineup lineup) throws Exception {
        Wrk wrk = new Wrk(checkout.resolve("bench/src/main/lua/announces.lua"), HTTP_TORRENTS);
        List<Row> rows = new ArrayList<>();
        try (Contestant shoal = lineup.shoal(Lineup.freePort())) {
            rows.add(seen(new Row("shoal", wrk.run(shoal, WRK_WARM_UP, windows), null)));
        }
        try (Contestant other = lineup.opentracker(HTTP_TORRENTS, Wrk::hash)) {
            rows.add(seen(new Row("opentracker", wrk.run(other, WRK_WARM_UP, windows), null)));
        }
        System.out.printf("%nHTTP, a connection for each request, wrk%n%n");
        print(rows);
    }

    private Row measured(String name, Load load, Contestant tracker, long warmUp)
            throws IOException, InterruptedException {
        List<Process> probe = new ArrayList<>();
        List<Window> measured = load.run(
                tracker.figures(),
                warmUp,
                windows,
                () -> probe.add(Latency.start(tracker.port(), (windows - 1) * WINDOW_SECONDS)));
        return seen(new Row(name, measured, Latency.of(probe.getFirst())));
    }

    private static Row seen(Row row) {
        System.err.printf(
                Locale.ROOT,
                "%s: %s%n",
                row.name,
                row.windows.stream()
                        .map(window -> "%.0f/s %.2f us".formatted(window.announces(), window.micros()))
                        .toList());
        return row;
    }

    private static void print(List<Row> rows) {
        System.out.println("| median of the windows | announces/s | CPU us each | p50 ms | p99 ms | peers in a reply "
                + "| errors/s | core used |\n|---|---|---|---|---|---|---|---|");
        for (Row row : rows) {
            double peers = Window.median(row.windows, Window::peers);
            System.out.printf(
                    Locale.ROOT,
                    "| %s | %,.0f | %.2f | %s | %s | %s | %.0f | %.0f %% |%n",
                    row.name,
                    Window.median(row.windows, Window::announces),
                    Window.median(row.windows, Window::micros),
                    row.latency == null ? "" : "%.2f".formatted(row.latency.median()),
                    row.latency == null ? "" : "%.2f".formatted(row.latency.p99()),
                    Double.isNaN(peers) ? "" : "%.1f".formatted(peers),
                    Window.median(row.windows, Window::errors),
                    100 * Window.median(row.windows, Window::core));
        }
    }

    /** Bytes of our tracker's heap after a full collection. */
    private static double heap(Contestant shoal, int management) throws IOException, InterruptedException {
        Process collect = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "jcmd").toString(),
                        Long.toString(shoal.pid()),
                        "GC.run")
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        if (collect.waitFor() != 0) {
            throw new IOException("jcmd cannot reach the tracker");
        }
        return metric(management, "jvm_memory_used_bytes{area=\"heap\"");
    }

    /** The sum of our tracker's metrics whose line begins with {@code prefix}. */
    private static double metric(int management, String prefix) throws IOException, InterruptedException {
        try (HttpClient http = HttpClient.newHttpClient()) {
            HttpRequest metrics = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + management + "/q/metrics"))
                    .build();
            return http.send(metrics, BodyHandlers.ofLines())
                    .body()
                    .filter(line -> line.startsWith(prefix))
                    .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
                    .sum();
        }
    }
}
