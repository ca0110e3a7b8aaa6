package io.shoal.local.world;

import io.shoal.bittorrent.metainfo.Metainfo;
import io.shoal.embedded.Home;
import io.shoal.local.client.ApiException;
import io.shoal.local.client.ShoalClient;
import io.shoal.local.client.Transfer;
import io.shoal.local.peers.OutsidePeer;
import io.shoal.local.platform.Endpoints;
import io.shoal.local.platform.Options;
import io.shoal.local.platform.Platform;
import io.shoal.local.torrents.Content;
import io.shoal.local.torrents.Sha256;
import java.io.IOException;
import java.io.InputStream;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/** A platform with one tenant, in a folder that goes with it: as a static {@code @RegisterExtension}, for all tests of a class. */
public final class TestPlatform implements BeforeAllCallback, AfterAllCallback {
    public static final int PIECE_LENGTH = 256 << 10;
    private static final Duration LONG = Duration.ofMinutes(3);
    private static final HttpClient HTTP =
            HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(5)).build();

    private final UnaryOperator<Options> choose;
    private @Nullable Running running;

    private record Running(Path folder, Platform platform, ShoalClient operator, ShoalClient client) {}

    private TestPlatform(UnaryOperator<Options> choose) {
        this.choose = choose;
    }

    /** One worker on loopback. */
    public static TestPlatform usual() {
        return with(UnaryOperator.identity());
    }

    /** What {@code choose} makes of the usual options; it is asked when the platform starts. */
    public static TestPlatform with(UnaryOperator<Options> choose) {
        return new TestPlatform(choose);
    }

    @Override
    public void beforeAll(ExtensionContext context) throws IOException, InterruptedException {
        Path folder = Files.createTempDirectory("shoal-e2e");
        Options options = choose.apply(Options.in(folder.resolve("platform")).with("SHOAL_ORPHAN_GRACE", "1s"));
        Platform platform = Platform.start(options, line -> System.out.println("[platform] " + line));
        Endpoints endpoints = platform.endpoints();
        ShoalClient operator = new ShoalClient(endpoints.api(), endpoints.operatorKey());
        ShoalClient.Tenant tenant = operator.createTenant("tests");
        running = new Running(folder, platform, operator, new ShoalClient(endpoints.api(), tenant.key()));
    }

    @Override
    public void afterAll(ExtensionContext context) {
        Running last = running;
        running = null;
        if (last != null) {
            last.platform().close();
            Home.delete(last.folder());
        }
    }

    private Running running() {
        return Objects.requireNonNull(running, "outside a test");
    }

    public Platform platform() {
        return running().platform();
    }

    public ShoalClient client() {
        return running().client();
    }

    /** A new folder, for a client to keep things in. */
    public Path freshFolder(String name) throws IOException {
        return Files.createTempDirectory(running().folder(), name);
    }

    /** A file of random bytes; the same for the same seed. */
    public static Path randomFile(Path file, long size, long seed) throws IOException {
        Files.createDirectories(file.toAbsolutePath().getParent());
        Random random = new Random(seed);
        byte[] chunk = new byte[1 << 20];
        try (var out = Files.newOutputStream(file)) {
            for (long left = size; left > 0; left -= chunk.length) {
                random.nextBytes(chunk);
                out.write(chunk, 0, (int) Math.min(left, chunk.length));
            }
        }
        return file;
    }

    /** A torrent of {@code content} that our tracker tracks, over HTTP and UDP. */
    public Metainfo torrent(Content content) throws IOException {
        return torrent(content, PIECE_LENGTH);
    }

    /** The same with pieces of another length. */
    public Metainfo torrent(Content content, int pieceLength) throws IOException {
        return content.torrent(pieceLength, platform().endpoints().trackers());
    }

    /** The torrent's bytes as a file. */
    public Path torrentFile(Metainfo torrent) throws IOException {
        return Files.write(running().folder().resolve(torrent.info().hash().hex() + ".torrent"), torrent.encode());
    }

    /** Submits it; returns the transfer's id. */
    public String submit(Metainfo torrent) throws IOException, InterruptedException {
        return client().submit(torrent.encode()).id();
    }

    /** Removes all transfers; returns when nothing of any torrent is stored. */
    public void empty() throws Exception {
        for (Transfer transfer : client().transfers()) {
            client().remove(transfer.id());
        }
        Await.until(
                "all that was stored is purged",
                LONG,
                () -> StoredSegments.nothingIn(platform().folder()));
    }

    /** The transfer, or null while the API cannot answer. */
    public @Nullable Transfer look(String transfer) throws InterruptedException {
        try {
            return client().transfer(transfer);
        } catch (ApiException e) {
            if (e.status() < 500) {
                throw new AssertionError("the API refuses to show transfer " + transfer, e);
            }
            return null;
        } catch (IOException e) {
            return null;
        }
    }

    /** The worker that has the transfer, or null if none has, or while the API cannot answer. */
    public @Nullable String worker(String transfer) throws InterruptedException {
        try {
            return running().operator().worker(transfer);
        } catch (ApiException e) {
            if (e.status() < 500) {
                throw new AssertionError("the API refuses to show who has transfer " + transfer, e);
            }
            return null;
        } catch (IOException e) {
            return null;
        }
    }

    /** Returns when all that is wanted is stored. */
    public Transfer awaitComplete(String transfer) throws Exception {
        AtomicReference<@Nullable Transfer> last = new AtomicReference<>();
        Await.until(
                "transfer " + transfer + " is complete",
                LONG,
                () -> {
                    last.set(look(transfer));
                    Transfer now = last.get();
                    return now != null && now.complete();
                },
                last::get);
        return Objects.requireNonNull(last.get());
    }

    /** Returns when at least this share of what is wanted is stored, and not all. */
    public Transfer awaitStored(String transfer, int percent) throws Exception {
        AtomicReference<@Nullable Transfer> last = new AtomicReference<>();
        Await.until(
                "%d %% of transfer %s are stored".formatted(percent, transfer),
                LONG,
                () -> {
                    last.set(look(transfer));
                    Transfer now = last.get();
                    return now != null && now.wanted() > 0 && now.stored() * 100 >= now.wanted() * percent;
                },
                last::get);
        return Objects.requireNonNull(last.get());
    }

    /** Returns when {@code peer} has all of the torrent. */
    public static void awaitComplete(OutsidePeer peer) throws Exception {
        AtomicReference<Object> last = new AtomicReference<>("nothing");
        Await.until(
                peer.name() + " has all of it",
                LONG,
                () -> {
                    OutsidePeer.Progress now = peer.progress();
                    last.set(now);
                    return now.complete();
                },
                last::get);
    }

    /**
     * SHA-256 of what the link to a file gives. While storage starts, or has not heard yet that the last bytes are stored, it is asked
     * again, as its answer says.
     */
    public String download(String transfer, int file) throws Exception {
        URI link = client().link(transfer, file);
        AtomicReference<@Nullable String> hash = new AtomicReference<>();
        AtomicReference<Object> last = new AtomicReference<>("nothing");
        Await.until(
                "the link to file " + file + " is served",
                Duration.ofSeconds(60),
                () -> {
                    try (InputStream bytes = ShoalClient.open(link)) {
                        hash.set(Sha256.of(bytes));
                        return true;
                    } catch (ConnectException e) {
                        last.set(e);
                        return false;
                    } catch (ApiException e) {
                        last.set(e);
                        if (e.status() != 503) {
                            throw e;
                        }
                        return false;
                    }
                },
                last::get);
        return Objects.requireNonNull(hash.get());
    }

    /**
     * A figure of one of our processes, as Prometheus would read it.
     *
     * @throws IOException if the process does not answer, or has no such figure
     */
    public double metric(String process, String name) throws IOException, InterruptedException {
        String management = platform().endpoints().processes().stream()
                .filter(running -> running.name().equals(process))
                .map(Endpoints.Running::management)
                .findFirst()
                .orElseThrow();
        HttpRequest request = HttpRequest.newBuilder(URI.create(management + "/q/metrics"))
                .timeout(Duration.ofSeconds(5))
                .build();
        List<String> figures = HTTP.send(request, BodyHandlers.ofString())
                .body()
                .lines()
                .filter(line -> line.startsWith(name + " ") || line.startsWith(name + "{"))
                .toList();
        if (figures.isEmpty()) {
            throw new IOException(process + " has no " + name);
        }
        return figures.stream()
                .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
                .sum();
    }
}
