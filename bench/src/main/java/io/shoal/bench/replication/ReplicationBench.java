package io.shoal.bench.replication;

import io.shoal.bench.programs.WorkFolder;
import io.shoal.embedded.KafkaServer;
import io.shoal.embedded.RunningServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/**
 * What it costs the trackers to share their swarms: announces of peers that all must be told, and of peers that come again soon,
 * spread evenly over the replicas at one rate for all of them together.
 */
@Command(
        name = "replication",
        mixinStandardHelpOptions = true,
        description =
                "CPU per announce at one, two and three replicas of the tracker, lag, time for a new one to catch up.")
public final class ReplicationBench implements Callable<Integer> {
    private static final int PARTITIONS = 16;
    private static final int PEERS_A_TORRENT = 2;
    private static final int WARM_UP = 200_000;
    private static final Duration KAFKA_START = Duration.ofSeconds(60);
    private static final String LAG = "shoal_tracker_replication_lag_seconds_bucket";

    @Option(
            names = "--rate",
            defaultValue = "20000",
            description = "Announces a second, of all replicas together (default: ${DEFAULT-VALUE}).")
    private int rate = 20_000;

    @Option(
            names = "--peers",
            defaultValue = "400000",
            description = "New peers in each run (default: ${DEFAULT-VALUE}).")
    private int peers = 400_000;

    @Option(
            names = "--known",
            defaultValue = "1000000",
            description = "Peers that a new replica finds (default: ${DEFAULT-VALUE}).")
    private int known = 1_000_000;

    @Mixin
    private final WorkFolder folder = new WorkFolder();

    @Override
    public Integer call() throws Exception {
        try (WorkFolder.Run made = folder.make()) {
            Path work = made.path();
            System.out.println(
                    "replicas | announces/s | us CPU, new peer | us CPU, known peer | changes sent, known peer"
                            + " | lag p50, p99 ms");
            run(work.resolve("alone"), 1, false);
            run(work.resolve("one"), 1, true);
            run(work.resolve("two"), 2, true);
            run(work.resolve("three"), 3, true);
            catchUp(work.resolve("catch-up"));
        }
        return 0;
    }

    private void run(Path work, int replicas, boolean shared) throws Exception {
        Files.createDirectories(work);
        KafkaServer kafka = KafkaServer.in(work.resolve("kafka"));
        try (RunningServer _ = RunningServer.start(kafka, work.resolve("kafka.log"), KAFKA_START);
                Fleet fleet = new Fleet(work, kafka, replicas, shared)) {
            fleet.announce(WARM_UP, 0);
            fleet.settle();
            Sample start = fleet.sample();
            fleet.announce(peers, WARM_UP);
            fleet.settle();
            Sample told = fleet.sample();
            fleet.announce(peers, WARM_UP);
            fleet.settle();
            Sample again = fleet.sample();
            System.out.printf(
                    Locale.ROOT,
                    "%d%s | %.0f | %.1f | %.1f | %.0f | %s%n",
                    replicas,
                    shared ? "" : ", not shared",
                    (told.answered - start.answered) / (told.seconds - start.seconds),
                    told.microsSince(start),
                    again.microsSince(told),
                    again.sent - told.sent,
                    shared && replicas > 1
                            ? "%.0f, %.0f".formatted(told.lagSince(start, 0.5), told.lagSince(start, 0.99))
                            : "-");
        }
    }

    private void catchUp(Path work) throws Exception {
        Files.createDirectories(work);
        KafkaServer kafka = KafkaServer.in(work.resolve("kafka"));
        try (RunningServer _ = RunningServer.start(kafka, work.resolve("kafka.log"), KAFKA_START)) {
            long empty = startNanos(work, kafka, "empty");
            try (Fleet fleet = new Fleet(work, kafka, 1, true)) {
                fleet.announce(known, 0);
                fleet.settle();
                long full = startNanos(work, kafka, "full");
                System.out.printf(
                        Locale.ROOT,
                        "a new replica is ready after %.1f s with %d peers to learn, after %.1f s with none%n",
                        full / 1e9,
                        known,
                        empty / 1e9);
            }
        }
    }

    private static long startNanos(Path work, KafkaServer kafka, String name) throws Exception {
        long before = System.nanoTime();
        try (TrackerReplica fresh = TrackerReplica.start(work.resolve(name + ".log"), environment(kafka, 9, true))) {
            fresh.awaitReady();
            long nanos = System.nanoTime() - before;
            System.out.printf(Locale.ROOT, "%s: %.0f peers%n", name, fresh.metric("shoal_tracker_peers"));
            return nanos;
        }
    }

    private static List<String> environment(KafkaServer kafka, int replica, boolean shared) {
        List<String> environment = new ArrayList<>(List.of(
                "KAFKA_BOOTSTRAP_SERVERS=" + kafka.bootstrapServers(),
                "SHOAL_PARTITIONS=" + PARTITIONS,
                "SHOAL_REPLICATION=1"));
        if (shared) {
            environment.add("SHOAL_TRACKER_REPLICA=" + replica);
        }
        return environment;
    }

    /**
     * All replicas at one moment.
     *
     * @param cpu seconds, of all
     * @param answered announces, of all
     * @param sent changes that reached Kafka, of all
     */
    private record Sample(double seconds, double cpu, double answered, double sent, SortedMap<Double, Double> lags) {
        /** CPU of all replicas for one announce to one of them. */
        double microsSince(Sample before) {
            return (cpu - before.cpu) * 1e6 / (answered - before.answered);
        }

        private double all() {
            return lags.getOrDefault(Double.POSITIVE_INFINITY, 0.0);
        }

        /** Milliseconds that this share of the frames took at most. */
        double lagSince(Sample before, double share) {
            double all = all() - before.all();
            for (Map.Entry<Double, Double> bucket : lags.entrySet()) {
                if (bucket.getValue() - before.lags.getOrDefault(bucket.getKey(), 0.0) >= share * all) {
                    return bucket.getKey() * 1e3;
                }
            }
            return Double.POSITIVE_INFINITY;
        }
    }

    /** The replicas, and a client of each. */
    private final class Fleet implements AutoCloseable {
        private final List<TrackerReplica> trackers = new ArrayList<>();
        private final List<UdpAnnouncer> clients = new ArrayList<>();

        Fleet(Path work, KafkaServer kafka, int replicas, boolean shared) throws IOException, InterruptedException {
            for (int replica = 0; replica < replicas; replica++) {
                trackers.add(TrackerReplica.start(
                        work.resolve("tracker-" + replica + ".log"), environment(kafka, replica, shared)));
            }
            for (TrackerReplica tracker : trackers) {
                tracker.awaitReady();
                clients.add(new UdpAnnouncer(tracker.announces()));
            }
        }

        /** Peers {@code first} and the {@code count - 1} that follow announce, at the rate, each at the next replica. */
        void announce(int count, int first) throws IOException, InterruptedException {
            long start = System.nanoTime();
            for (int i = 0; i < count; i++) {
                int peer = first + i;
                clients.get(peer % clients.size()).announce(peer / PEERS_A_TORRENT, peer);
                long ahead = start + i * 1_000_000_000L / rate - System.nanoTime();
                if (ahead > 1_000_000) {
                    TimeUnit.NANOSECONDS.sleep(ahead);
                }
            }
        }

        /** Returns when answers and frames have arrived, or a second after the last that did. */
        void settle() throws IOException, InterruptedException {
            for (int look = 0; look < 10; look++) {
                TimeUnit.MILLISECONDS.sleep(100);
                for (UdpAnnouncer client : clients) {
                    client.receive();
                }
            }
            long lost = clients.stream().mapToLong(UdpAnnouncer::outstanding).sum();
            if (lost > 0) {
                System.out.printf("%d announces were not answered%n", lost);
            }
        }

        Sample sample() throws IOException, InterruptedException {
            double cpu = 0;
            double sent = 0;
            SortedMap<Double, Double> lags = new TreeMap<>();
            for (TrackerReplica tracker : trackers) {
                cpu += tracker.cpuSeconds();
                sent += tracker.metric("shoal_tracker_replication_changes_sent_total");
                tracker.buckets(LAG).forEach((bound, count) -> lags.merge(bound, count, Double::sum));
            }
            double answered = clients.stream().mapToLong(UdpAnnouncer::answered).sum();
            return new Sample(System.nanoTime() / 1e9, cpu, answered, sent, lags);
        }

        @Override
        public void close() throws IOException {
            for (UdpAnnouncer client : clients) {
                client.close();
            }
            trackers.forEach(TrackerReplica::close);
        }
    }
}
