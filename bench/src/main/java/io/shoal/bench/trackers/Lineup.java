package io.shoal.bench.trackers;

import java.io.BufferedWriter;
import java.io.File;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** How each tracker is started: one thread where it can be told so, everything else as its makers deliver it. */
final class Lineup {
    /**
     * Ours as an operator would run it on one core. 384 MiB of heap are twice what two million peers take, and huge pages spare
     * the table walks of a memory that is read at random.
     */
    private static final List<String> JVM = List.of(
            "-Xms384m",
            "-Xmx384m",
            "-XX:+UseSerialGC",
            "-XX:+UseCompactObjectHeaders",
            "-XX:+UseTransparentHugePages",
            "--enable-native-access=ALL-UNNAMED",
            "--sun-misc-unsafe-memory-access=allow");

    /** Not by its class: the tracker is on its class path, not on ours. */
    private static final String CANNED_REPLIES = "io.shoal.bench.trackers.CannedReplies";

    private final Path work;
    private final Path app;
    private final Path benchClasses;
    private final Path aquatic;
    private final String opentracker;

    /**
     * @param work a folder for configurations and logs
     * @param app our tracker, built
     * @param aquatic where cargo installed aquatic's programs
     */
    Lineup(Path work, Path app, Path benchClasses, Path aquatic, String opentracker) {
        this.work = work;
        this.app = app;
        this.benchClasses = benchClasses;
        this.aquatic = aquatic;
        this.opentracker = opentracker;
    }

    static String jvm() {
        return String.join(" ", JVM);
    }

    Path tester(String name) {
        return aquatic.resolve("bin").resolve(name);
    }

    /**
     * Ours.
     *
     * @param management the port of health and metrics
     */
    Contestant shoal(int management) throws IOException, InterruptedException {
        int port = freePort();
        List<String> command = new java.util.ArrayList<>(List.of(java()));
        command.addAll(JVM);
        command.addAll(List.of(
                "-Dshoal.tracker.open=true",
                "-Dshoal.tracker.rate=0",
                "-Dshoal.tracker.bind=127.0.0.1",
                "-Dshoal.tracker.http-port=" + port,
                "-Dshoal.tracker.udp-port=" + port,
                "-Dquarkus.management.host=127.0.0.1",
                "-Dquarkus.management.port=" + management,
                "-jar",
                app.resolve("quarkus-run.jar").toString()));
        return Contestant.udp(work.resolve("shoal.log"), port, command);
    }

    /** The floor: replies with {@code peers} peers, in the same kind of process. */
    Contestant cannedReplies(int peers) throws IOException, InterruptedException {
        int port = freePort();
        List<String> command = new java.util.ArrayList<>(List.of(java()));
        command.addAll(JVM);
        command.addAll(List.of(
                "-cp",
                String.join(
                        File.pathSeparator,
                        benchClasses.toString(),
                        app.resolve("app") + "/*",
                        app.resolve("lib/main") + "/*",
                        app.resolve("lib/boot") + "/*"),
                CANNED_REPLIES,
                Integer.toString(port),
                Integer.toString(peers)));
        return Contestant.udp(work.resolve("canned.log"), port, command);
    }

    private static String java() {
        return Path.of(System.getProperty("java.home"), "bin", "java").toString();
    }

    /** Whether it serves nothing but what a list names, as Debian's does. */
    boolean opentrackerHasWhitelist() throws IOException, InterruptedException {
        Process help =
                new ProcessBuilder(opentracker, "-h").redirectErrorStream(true).start();
        String usage = new String(help.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        help.waitFor();
        return usage.contains("-w ");
    }

    /** opentracker, and if it needs a whitelist, one of the first {@code torrents} that {@code hashes} gives. */
    Contestant opentracker(int torrents, Hashes hashes) throws IOException, InterruptedException {
        int port = freePort();
        List<String> command = new java.util.ArrayList<>(
                List.of(opentracker, "-i", "127.0.0.1", "-p", Integer.toString(port), "-P", Integer.toString(port)));
        command.addAll(List.of("-d", work.toString()));
        if (opentrackerHasWhitelist()) {
            Path whitelist = work.resolve("whitelist");
            try (BufferedWriter lines = Files.newBufferedWriter(whitelist)) {
                for (int i = 0; i < torrents; i++) {
                    lines.write(hashes.of(i));
                    lines.newLine();
                }
            }
            command.addAll(List.of("-w", whitelist.toString()));
        }
        return Contestant.udp(work.resolve("opentracker.log"), port, command);
    }

    /** Info-hashes in hexadecimal digits; asked for from 0 on, one after the other. */
    interface Hashes {
        String of(int torrent);
    }

    Contestant aquaticUdp(boolean ioUring) throws IOException, InterruptedException {
        int port = freePort();
        Path config = Files.writeString(work.resolve("aquatic_udp.toml"), """
                [network]
                address = "127.0.0.1:%d"
                use_io_uring = %b
                """.formatted(port, ioUring));
        return Contestant.udp(work.resolve("aquatic_udp.log"), port, aquatic("aquatic_udp", config));
    }

    Contestant aquaticHttp() throws IOException, InterruptedException {
        int port = freePort();
        Path config = Files.writeString(work.resolve("aquatic_http.toml"), """
                [network]
                address = "127.0.0.1:%d"
                """.formatted(port));
        return Contestant.http(work.resolve("aquatic_http.log"), port, aquatic("aquatic_http", config));
    }

    private List<String> aquatic(String program, Path config) {
        return List.of(tester(program).toString(), "--config-file", config.toString());
    }

    static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }
}
