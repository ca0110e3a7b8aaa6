package io.shoal.local;

import static org.assertj.core.api.Assertions.assertThat;

import io.shoal.bittorrent.metainfo.Metainfo;
import io.shoal.embedded.Home;
import io.shoal.local.client.ShoalClient;
import io.shoal.local.client.Transfer;
import io.shoal.local.commands.Main;
import io.shoal.local.peers.EnginePeer;
import io.shoal.local.platform.Endpoints;
import io.shoal.local.platform.Options;
import io.shoal.local.torrents.Content;
import io.shoal.local.world.Await;
import io.shoal.local.world.TestPlatform;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * {@code ./shoal up}, transfers, the kill of a child, {@code ./shoal down} in the middle of them: nothing is left within 20 s, and
 * intake has ended by itself although a client watches a transfer.
 * {@code -Dshoal.cycle.mib=480} makes the transfers of a cycle last two minutes.
 */
@Timeout(value = 8, unit = TimeUnit.MINUTES)
class LauncherCycleIT {
    private static final Duration UP = Duration.ofMinutes(3);
    private static final Duration DOWN = Duration.ofSeconds(20);
    private static final Duration LIMIT = Duration.ofMinutes(5);
    private static final long SEED_LIMIT = 4 << 20;
    private static final long BYTES = Long.getLong("shoal.cycle.mib", 160) << 20;

    @TempDir
    private Path folder;

    @Test
    void nothingIsLeftWithin20SecondsOfDown() throws Exception {
        cycle(System.nanoTime());
    }

    @Tag("long")
    @RepeatedTest(2)
    void nothingIsLeftWithin20SecondsOfDownAgain() throws Exception {
        cycle(System.nanoTime());
    }

    private void cycle(long seed) throws Exception {
        Path data = folder.resolve("platform");
        Process launcher = shoal("up", "--data", data.toString(), "--workers", "2");
        List<ProcessHandle> all = List.of();
        try {
            Await.until("the platform is up", UP, () -> Files.exists(Endpoints.file(data)), () -> output("up"));
            Endpoints endpoints = Endpoints.read(data);
            Content content = Content.of(TestPlatform.randomFile(folder.resolve("content/file"), BYTES, seed));
            Metainfo torrent = content.torrent(TestPlatform.PIECE_LENGTH, endpoints.trackers());
            ShoalClient client = client(endpoints);
            String transfer = client.submit(torrent.encode()).id();
            try (EnginePeer _ = EnginePeer.start(torrent, content.files(), Options.LOOPBACK, SEED_LIMIT)) {
                awaitStored(client, transfer, 30);
                Endpoints.Running victim = endpoints
                        .processes()
                        .get(new Random(seed).nextInt(endpoints.processes().size()));
                assertThat(ProcessHandle.of(victim.pid()).orElseThrow().destroyForcibly())
                        .as(victim.name())
                        .isTrue();
                awaitStored(client, transfer, 70);
                awaitWatched(client, transfer);

                all = new ArrayList<>(launcher.descendants().toList());
                all.add(launcher.toHandle());
                long begun = System.nanoTime();
                Process down = shoal("down", "--data", data.toString());
                assertThat(down.waitFor(LIMIT.toSeconds(), TimeUnit.SECONDS)).isTrue();
                Duration took = Duration.ofNanos(System.nanoTime() - begun);
                List<String> killed = killedIn(data.resolve("logs"));
                System.out.printf(
                        "killed %s, down after %.1f s; had to be killed at the end: %s%n",
                        victim.name(), took.toNanos() / 1e9, killed);
                assertThat(down.exitValue()).as(output("down")).isZero();
                assertThat(took).isLessThan(DOWN);
                assertThat(killed)
                        .as(() -> "did not end by themselves; intake's last words:\n" + lastWords(data, "intake"))
                        .doesNotContain("intake.json");
                assertThat(all.stream().filter(LauncherCycleIT::runs)).isEmpty();
                assertThat(launcher.isAlive()).isFalse();
            }
        } finally {
            all.forEach(ProcessHandle::destroyForcibly);
            launcher.destroy();
            if (!launcher.waitFor(30, TimeUnit.SECONDS)) {
                launcher.descendants().forEach(ProcessHandle::destroyForcibly);
                launcher.destroyForcibly();
            }
        }
    }

    private static ShoalClient client(Endpoints endpoints) throws Exception {
        ShoalClient.Tenant tenant = new ShoalClient(endpoints.api(), endpoints.operatorKey()).createTenant("cycle");
        return new ShoalClient(endpoints.api(), tenant.key());
    }

    private static void awaitStored(ShoalClient client, String transfer, int percent) throws Exception {
        Await.until(percent + " % are stored", LIMIT, () -> {
            try {
                Transfer now = client.transfer(transfer);
                return now.wanted() > 0 && now.stored() * 100 >= now.wanted() * percent;
            } catch (IOException e) {
                return false; // what answers was killed and is being restarted
            }
        });
    }

    /** Opens an event stream that stays open until the platform closes it, and returns when it gives something. */
    private static void awaitWatched(ShoalClient client, String transfer) throws Exception {
        Await.until("events are sent", LIMIT, () -> {
            try {
                return client.events(transfer).read() >= 0;
            } catch (IOException e) {
                return false; // what answers was killed and is being restarted
            }
        });
    }

    private Process shoal(String... arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                Home.java(),
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-Dshoal.home=" + Home.checkout(),
                "-cp",
                System.getProperty("java.class.path"),
                Main.class.getName()));
        command.addAll(Arrays.asList(arguments));
        return new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve(arguments[0] + ".txt").toFile())
                .start();
    }

    /** The processes that did not end within the grace of their wave, by their logs. */
    private static List<String> killedIn(Path logs) throws IOException {
        List<String> killed = new ArrayList<>();
        try (DirectoryStream<Path> all = Files.newDirectoryStream(logs, "*.json")) {
            for (Path log : all) {
                if (Files.readString(log).contains("has not ended in time, and is killed")) {
                    killed.add(log.getFileName().toString());
                }
            }
        }
        return killed;
    }

    private static String lastWords(Path data, String process) {
        try {
            List<String> lines = Files.readAllLines(data.resolve("logs").resolve(process + ".json"));
            return String.join("\n", lines.subList(Math.max(0, lines.size() - 15), lines.size()));
        } catch (IOException e) {
            return e.toString();
        }
    }

    private String output(String command) {
        try {
            return Files.readString(folder.resolve(command + ".txt"));
        } catch (IOException e) {
            return e.toString();
        }
    }

    /** Whether the process exists and is no zombie. */
    private static boolean runs(ProcessHandle process) {
        try {
            String stat = Files.readString(Path.of("/proc", Long.toString(process.pid()), "stat"));
            return process.isAlive() && stat.charAt(stat.lastIndexOf(')') + 2) != 'Z';
        } catch (NoSuchFileException e) {
            return false;
        } catch (IOException e) {
            return process.isAlive();
        }
    }
}
