package io.shoal.bench;

import io.shoal.embedded.Home;
import io.shoal.embedded.Ports;
import io.shoal.local.platform.Endpoints;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * From a torrent to an object in S3: ours, from submitting it to the first byte of the assembled object through the link,
 * beside what a user would do instead, aria2 into a file and rclone from there into the same store. One libtorrent seed, one
 * tracker (opentracker), one MinIO for all; nothing is pinned.
 */
@Command(
        name = "download",
        mixinStandardHelpOptions = true,
        description = "A torrent into S3, beside aria2 followed by rclone copy. Needs aria2c, rclone, opentracker, "
                + "libtorrent for Python and MinIO.")
final class DownloadBench implements Callable<Integer> {
    private static final Duration LIMIT = Duration.ofMinutes(10);

    @Option(
            names = "--mib",
            defaultValue = "2048",
            description = "Size of the torrent (default: ${DEFAULT-VALUE} MiB).")
    private int mib = 2048;

    @Option(names = "--runs", defaultValue = "5", description = "Runs of each row after a warm-up (default: 5).")
    private int runs = 5;

    @Option(names = "--minio", required = true, description = "The program minio.")
    private Path minioProgram = Path.of("minio");

    @Option(names = "--folder", description = "Where payload and downloads lie; a tmpfs if there is one.")
    private Path folder = Path.of(Files.isDirectory(Path.of("/dev/shm")) ? "/dev/shm" : "/tmp");

    /** One run of one row. CPU of the store is kept apart: both rows drive the same. */
    private record Row(double wall, double cpu, double storeCpu, double peakMiB) {}

    @Override
    public Integer call() throws Exception {
        Path work = Files.createTempDirectory(folder, "shoal-bench-");
        try {
            measure(work);
        } finally {
            Home.delete(work);
        }
        return 0;
    }

    private void measure(Path work) throws Exception {
        int trackerPort = Ports.free();
        Path whitelist = Files.createFile(work.resolve("whitelist"));
        try (Subject subject = Subject.start(work.resolve("platform"), minioProgram)) {
            List<Row> ours = new ArrayList<>();
            List<Row> theirs = new ArrayList<>();
            for (int run = 0; run <= runs; run++) {
                Path payload = payload(work, run == 0 ? Math.min(mib, 256) : mib, run);
                Path torrent = work.resolve("run" + run + ".torrent");
                String announce = "http://127.0.0.1:" + trackerPort + "/announce";
                try (Child seed = seed(payload, torrent, announce);
                        Child tracker = tracker(work, whitelist, torrent, trackerPort)) {
                    tracker.awaitAlive();
                    seed.say("go");
                    seed.awaitLine("seeding", LIMIT);
                    Row a = ours(subject, torrent);
                    Row b = theirs(subject, torrent, work, run);
                    if (run > 0) {
                        ours.add(a);
                        theirs.add(b);
                    }
                    System.out.printf(
                            Locale.ROOT, "run %d: shoal %.1f s, aria2 then rclone %.1f s%n", run, a.wall, b.wall);
                }
                Files.delete(payload);
            }
            report(ours, theirs);
        }
    }

    private Row ours(Subject subject, Path torrent) throws IOException, InterruptedException {
        List<ProcessFigures> workers = subject.processes("worker");
        for (ProcessFigures worker : workers) {
            worker.resetPeak();
        }
        double cpu = cpu(workers);
        double storeCpu = subject.storeFigures().cpuSeconds();
        long start = System.nanoTime();
        String transfer = subject.submit(Files.readAllBytes(torrent));
        subject.awaitAssembled(transfer, LIMIT);
        double wall = (System.nanoTime() - start) / 1e9;
        double peak = 0;
        for (ProcessFigures worker : workers) {
            peak += worker.peakMiB();
        }
        Row row = new Row(wall, cpu(workers) - cpu, subject.storeFigures().cpuSeconds() - storeCpu, peak);
        subject.remove(transfer);
        return row;
    }

    private Row theirs(Subject subject, Path torrent, Path work, int run) throws IOException, InterruptedException {
        Path down = Files.createDirectory(work.resolve("down" + run));
        double storeCpu = subject.storeFigures().cpuSeconds();
        Measured aria2 = Measured.run(
                List.of(
                        "aria2c",
                        "--dir=" + down,
                        "--seed-time=0",
                        "--enable-dht=false",
                        "--enable-peer-exchange=false",
                        "--bt-enable-lpd=false",
                        "--file-allocation=none",
                        "--summary-interval=0",
                        "--console-log-level=warn",
                        "--bt-max-peers=50",
                        "--listen-port=" + Ports.free(),
                        torrent.toString()),
                work.resolve("aria2.log"),
                LIMIT);
        Endpoints.S3 store = subject.store();
        Path config = Files.writeString(
                work.resolve("rclone.conf"), """
                [store]
                type = s3
                provider = Minio
                endpoint = %s
                access_key_id = %s
                secret_access_key = %s
                """.formatted(store.endpoint(), store.accessKey(), store.secretKey()));
        Measured rclone = Measured.run(
                List.of("rclone", "--config", config.toString(), "copy", down.toString(), "store:bench/run" + run),
                work.resolve("rclone.log"),
                LIMIT);
        Home.delete(down);
        Measured both = aria2.then(rclone);
        return new Row(both.wall(), both.cpu(), subject.storeFigures().cpuSeconds() - storeCpu, both.peakMiB());
    }

    private void report(List<Row> ours, List<Row> theirs) {
        double gib = mib / 1024.0;
        System.out.printf(
                "%n| %d MiB, median of %d | wall s | CPU-s/GiB | store CPU-s/GiB | peak RSS MiB |%n|---|---|---|---|---|%n",
                mib, runs);
        print("shoal (worker)", ours, gib);
        print("aria2, then rclone", theirs, gib);
        System.out.printf(
                Locale.ROOT,
                "| ratio | %.2f | %.2f | %.2f | |%n",
                median(ours, Row::wall) / median(theirs, Row::wall),
                median(ours, Row::cpu) / median(theirs, Row::cpu),
                median(ours, Row::storeCpu) / median(theirs, Row::storeCpu));
    }

    private static void print(String name, List<Row> rows, double gib) {
        System.out.printf(
                Locale.ROOT,
                "| %s | %.1f | %.2f | %.2f | %.0f |%n",
                name,
                median(rows, Row::wall),
                median(rows, Row::cpu) / gib,
                median(rows, Row::storeCpu) / gib,
                median(rows, Row::peakMiB));
    }

    private static double median(List<Row> rows, java.util.function.ToDoubleFunction<Row> figure) {
        double[] sorted = rows.stream().mapToDouble(figure).sorted().toArray();
        return sorted[sorted.length / 2];
    }

    private static double cpu(List<ProcessFigures> processes) throws IOException {
        double sum = 0;
        for (ProcessFigures process : processes) {
            sum += process.cpuSeconds();
        }
        return sum;
    }

    /** Random bytes: nothing on the way can compress them or leave holes. */
    static Path payload(Path work, int mib, int run) throws IOException {
        Path payload = work.resolve("payload" + run + ".bin");
        Random random = new Random(run);
        byte[] chunk = new byte[1 << 20];
        try (OutputStream out = Files.newOutputStream(payload)) {
            for (int i = 0; i < mib; i++) {
                random.nextBytes(chunk);
                out.write(chunk);
            }
        }
        return payload;
    }

    private Child seed(Path payload, Path torrent, String announce) throws IOException, InterruptedException {
        Child seed = Child.start(
                payload.resolveSibling("seed.log"),
                "/usr/bin/python3",
                Home.checkout().resolve("bench/src/main/python/seed.py").toString(),
                payload.toString(),
                torrent.toString(),
                announce,
                Integer.toString(1 << 20),
                Integer.toString(Ports.free()));
        seed.awaitLine("made", LIMIT);
        return seed;
    }

    private static Child tracker(Path work, Path whitelist, Path torrent, int port)
            throws IOException, InterruptedException {
        Files.writeString(whitelist, infoHash(torrent) + "\n");
        Child tracker = Child.start(
                work.resolve("opentracker.log"),
                "opentracker",
                "-i",
                "127.0.0.1",
                "-p",
                Integer.toString(port),
                "-P",
                Integer.toString(port),
                "-d",
                work.toString(),
                "-w",
                whitelist.toString());
        TimeUnit.MILLISECONDS.sleep(500);
        return tracker;
    }

    /** SHA-1 of what follows {@code 4:info}, the last key of a torrent that libtorrent made. */
    private static String infoHash(Path torrent) throws IOException {
        byte[] bytes = Files.readAllBytes(torrent);
        int at = new String(bytes, StandardCharsets.ISO_8859_1).indexOf("4:infod") + 6;
        try {
            MessageDigest sha1 = MessageDigest.getInstance("SHA-1");
            sha1.update(bytes, at, bytes.length - 1 - at);
            return HexFormat.of().formatHex(sha1.digest());
        } catch (java.security.NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
