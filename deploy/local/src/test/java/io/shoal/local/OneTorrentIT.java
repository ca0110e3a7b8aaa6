package io.shoal.local;

import static org.assertj.core.api.Assertions.assertThat;

import io.shoal.bittorrent.metainfo.Metainfo;
import io.shoal.local.client.ApiException;
import io.shoal.local.client.ShoalClient;
import io.shoal.local.client.Transfer;
import io.shoal.local.peers.EnginePeer;
import io.shoal.local.peers.OutsidePeer;
import io.shoal.local.platform.Endpoints;
import io.shoal.local.platform.Options;
import io.shoal.local.torrents.Content;
import io.shoal.local.torrents.Sha256;
import io.shoal.local.world.Await;
import io.shoal.local.world.TestPlatform;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** One torrent, all the way: from an outside seed that is met through our tracker alone, to links and to an outside leech. */
@Timeout(value = 4, unit = TimeUnit.MINUTES)
class OneTorrentIT {
    private static final long MIB = 1 << 20;

    @RegisterExtension
    private static final TestPlatform world = TestPlatform.usual();

    @Test
    void largeAndSmallFilesEmptyOnesAndNastyNamesComeOutExact() throws Exception {
        Path root = world.freshFolder("content").resolve("many files");
        TestPlatform.randomFile(root.resolve("a/large.bin"), 37 * MIB + 5, 3);
        TestPlatform.randomFile(root.resolve("b/200 bytes"), 200, 4);
        Files.createFile(root.resolve("b/empty"));
        for (int i = 0; i < 20; i++) {
            TestPlatform.randomFile(root.resolve("c/small-" + i), 100_000 + 33_333L * i, 5 + i);
        }
        TestPlatform.randomFile(
                root.resolve("d/ a\"b'c;d%2f\\e\u202ef*?<>|:&#+=,$@!`~^[]{}()\u00e9\u732b\ud83d\udc1f .."), 5_000, 99);
        TestPlatform.randomFile(root.resolve("z/exactly-one-segment"), 16 * MIB, 50);
        Content content = Content.of(root);
        Metainfo torrent = world.torrent(content);
        goesThrough(
                content,
                torrent,
                () -> EnginePeer.start(torrent, content.files(), Options.LOOPBACK, 0),
                into -> EnginePeer.start(torrent, copies(content, into), Options.LOOPBACK, 0));
    }

    @Test
    void twoHundredBytesAreATorrentToo() throws Exception {
        Content content =
                Content.of(TestPlatform.randomFile(world.freshFolder("content").resolve("tiny"), 200, 77));
        Metainfo torrent = world.torrent(content);
        goesThrough(
                content,
                torrent,
                () -> EnginePeer.start(torrent, content.files(), Options.LOOPBACK, 0),
                into -> EnginePeer.start(torrent, copies(content, into), Options.LOOPBACK, 0));
    }

    /** It takes one of three attempts within 2 seconds: the machine has other work too. */
    @Test
    void aLaterMemberOfAPoolHasWhatThePoolHasAtOnce() throws Exception {
        Content content =
                Content.of(TestPlatform.randomFile(world.freshFolder("content").resolve("shared"), 20 * MIB + 7, 78));
        Metainfo torrent = world.torrent(content);
        Endpoints endpoints = world.platform().endpoints();
        ShoalClient operator = new ShoalClient(endpoints.api(), endpoints.operatorKey());
        String pool = operator.createPool("a pool");
        ShoalClient first = member(operator, pool);
        String transfer = first.submit(torrent.encode()).id();
        try (EnginePeer _ = EnginePeer.start(torrent, content.files(), Options.LOOPBACK, 0)) {
            awaitComplete(first, transfer);
        }
        // The seed is gone: nothing that comes now is downloaded from anywhere.
        Map<String, Object> metainfo = Map.of("metainfo", Base64.getEncoder().encodeToString(torrent.encode()));
        Map<String, Object> magnet =
                Map.of("magnet", "magnet:?xt=urn:btih:" + torrent.info().hash().hex());
        for (Map<String, Object> wish : List.of(metainfo, magnet)) {
            Duration best = Duration.ofDays(1);
            for (int i = 0; i < 3 && best.compareTo(Duration.ofSeconds(2)) > 0; i++) {
                ShoalClient later = member(operator, pool);
                long begun = System.nanoTime();
                String its = later.submit(wish).id();
                awaitComplete(later, its);
                Duration took = Duration.ofNanos(System.nanoTime() - begun);
                best = took.compareTo(best) < 0 ? took : best;
                assertThat(download(later, its)).isEqualTo(Sha256.of(content.root()));
            }
            System.out.printf("a later member of a pool is complete after %d ms%n", best.toMillis());
            assertThat(best).isLessThan(Duration.ofSeconds(2));
        }
        assertThat(first.transfer(transfer).downloaded()).as("downloaded once").isLessThan(2 * content.size());
    }

    /** SHA-256 of the first file, once storage has heard that all of it is stored. */
    private static String download(ShoalClient tenant, String transfer) throws Exception {
        AtomicReference<@Nullable String> hash = new AtomicReference<>();
        Await.until("the link is served", Duration.ofSeconds(60), () -> {
            try (InputStream bytes = ShoalClient.open(tenant.link(transfer, 0))) {
                hash.set(Sha256.of(bytes));
                return true;
            } catch (ApiException e) {
                if (e.status() != 503) {
                    throw e;
                }
                return false;
            }
        });
        return Objects.requireNonNull(hash.get());
    }

    private static ShoalClient member(ShoalClient operator, String pool) throws Exception {
        return new ShoalClient(
                world.platform().endpoints().api(),
                operator.createMember("a member", pool).key());
    }

    private static void awaitComplete(ShoalClient tenant, String transfer) throws Exception {
        Await.until(
                "the member has it",
                Duration.ofMinutes(2),
                () -> tenant.transfer(transfer).complete());
    }

    @Test
    void hostileTorrentsAreRefusedAndNothingSuffers() throws Exception {
        for (String body : List.of("", "d", "i1e", "d4:infod4:name1:a12:piece lengthi0e6:pieces0:6:lengthi1eee")) {
            org.assertj.core.api.Assertions.assertThatThrownBy(
                            () -> world.client().submit(body.getBytes(StandardCharsets.US_ASCII)))
                    .isInstanceOfSatisfying(
                            io.shoal.local.client.ApiException.class,
                            refused -> assertThat(refused.status()).isBetween(400, 499));
        }
        assertThat(world.client().transfers()).isNotNull();
    }

    private interface Seeds {
        OutsidePeer start() throws IOException, InterruptedException;
    }

    private interface Leeches {
        OutsidePeer start(Path into) throws IOException, InterruptedException;
    }

    /** Submits, seeds, compares by links, lets the seed leave, and downloads it from the platform alone. */
    private static void goesThrough(Content content, Metainfo torrent, Seeds seeds, Leeches leeches) throws Exception {
        String transfer = world.submit(torrent);
        try (OutsidePeer seed = seeds.start()) {
            world.awaitComplete(transfer);
            Await.until(
                    seed.name() + " has counted what it gave",
                    Duration.ofSeconds(10),
                    () -> seed.progress().uploaded() >= content.size());
        }
        List<ShoalClient.File> files = world.client().files(transfer);
        assertThat(files).hasSameSizeAs(content.files());
        for (ShoalClient.File file : files) {
            assertThat(world.download(transfer, file.index()))
                    .as(file.path())
                    .isEqualTo(Sha256.of(content.files().get(file.index())));
        }
        Path into = world.freshFolder("leech");
        try (OutsidePeer leech = leeches.start(into)) {
            TestPlatform.awaitComplete(leech);
            assertThat(leech.progress().downloaded()).isGreaterThanOrEqualTo(content.size());
        }
        for (Path file : content.files()) {
            assertThat(Sha256.of(content.copyOf(file, into)))
                    .as(file.toString())
                    .isEqualTo(Sha256.of(file));
        }
        Await.until("the platform has counted what it gave", Duration.ofSeconds(45), () -> {
            Transfer now = world.look(transfer);
            return now != null && now.uploaded() >= content.size();
        });
    }

    private static List<Path> copies(Content content, Path into) {
        List<Path> copies = new ArrayList<>();
        content.files().forEach(file -> copies.add(content.copyOf(file, into)));
        return copies;
    }
}
