package io.shoal.local;

import static org.assertj.core.api.Assertions.assertThat;

import io.shoal.bittorrent.metainfo.Metainfo;
import io.shoal.local.hostile.LyingSeed;
import io.shoal.local.peers.EnginePeer;
import io.shoal.local.platform.Endpoints;
import io.shoal.local.platform.Options;
import io.shoal.local.torrents.Content;
import io.shoal.local.torrents.Sha256;
import io.shoal.local.world.Await;
import io.shoal.local.world.TestPlatform;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A seed that lies in some blocks, beside an honest one. */
@Timeout(value = 2, unit = TimeUnit.MINUTES)
class LiarIT {
    private static final String WORKER = "worker-0";
    private static final String HASH_FAILURES = "shoal_swarm_hash_failures_total";
    private static final long SIZE = (40 << 20) + 12_345;

    /** So slow that the worker asks the tracker several times before it has all: the liar is heard of in mid-download. */
    private static final long SEED_LIMIT = 2 << 20;

    private static final int LIES_ONE_IN = 5;

    @RegisterExtension
    private static final TestPlatform world = TestPlatform.with(
            options -> options.with("SHOAL_TRACKER_INTERVAL", "3s").with("SHOAL_TRACKER_MIN_INTERVAL", "1s"));

    /** Short pieces are each peer's own; long ones are shared, and then nobody knows at first who lied. */
    @ParameterizedTest
    @ValueSource(ints = {256 << 10, 16 << 20})
    void whoLiesIsBannedAndWhoDoesNotGivesTheRest(int pieceLength) throws Exception {
        Content content =
                Content.of(TestPlatform.randomFile(world.freshFolder("content").resolve("file"), SIZE, pieceLength));
        Metainfo torrent = world.torrent(content, pieceLength);
        double failuresBefore = world.metric(WORKER, HASH_FAILURES);
        String transfer = world.submit(torrent);
        Endpoints endpoints = world.platform().endpoints();
        try (EnginePeer honest = EnginePeer.start(torrent, content.files(), Options.LOOPBACK, SEED_LIMIT);
                LyingSeed liar = lyingFrom("127.0.0.2", torrent, content)) {
            Await.until(
                    "the honest seed gives",
                    Duration.ofSeconds(30),
                    () -> honest.progress().uploaded() > 0,
                    honest::stats);
            liar.announce(endpoints.trackerHttp().getFirst());

            Await.until(
                    "the liar was heard and thrown out",
                    Duration.ofSeconds(30),
                    () -> liar.lies() > 0 && liar.connections() == 0,
                    () -> liar.lies() + " lies, " + liar.connections() + " connections");
            long given = liar.given();
            int calls = liar.calls();
            assertThat(honest.progress().uploaded())
                    .as("given by the honest seed when the liar was thrown out")
                    .isLessThan(content.size());
            liar.announce(endpoints.trackerHttp().getFirst());

            world.awaitComplete(transfer);
            Await.until(
                    "pieces that failed are counted, as all figures every five seconds",
                    Duration.ofSeconds(15),
                    () -> world.metric(WORKER, HASH_FAILURES) > failuresBefore);
            assertThat(liar.given()).as("blocks that the liar was asked for").isEqualTo(given);
            assertThat(liar.calls()).as("connections made to the liar").isEqualTo(calls);
            assertThat(isLetIn(liar)).as("whether the liar is let in").isFalse();
            try (LyingSeed stranger = lyingFrom("127.0.0.3", torrent, content)) {
                assertThat(isLetIn(stranger)).as("whether a stranger is let in").isTrue();
            }
            try (LyingSeed neighbour = lyingFrom(Options.LOOPBACK, torrent, content)) {
                assertThat(isLetIn(neighbour))
                        .as("whether the honest seed's address is let in")
                        .isTrue();
            }
            assertThat(world.download(transfer, 0)).isEqualTo(Sha256.of(content.root()));
            System.out.printf(
                    "pieces of %d KiB: %d lies in %d blocks, %.0f pieces failed%n",
                    pieceLength >> 10, liar.lies(), liar.given(), world.metric(WORKER, HASH_FAILURES) - failuresBefore);
        }
    }

    private static LyingSeed lyingFrom(String address, Metainfo torrent, Content content) throws IOException {
        return new LyingSeed(
                torrent.info().hash().bytes(),
                content.root(),
                torrent.info().pieces().pieceLength(),
                LIES_ONE_IN,
                InetAddress.ofLiteral(address));
    }

    /** Whether one of the worker's ports lets it in. */
    private static boolean isLetIn(LyingSeed caller) throws IOException {
        List<Integer> ports = world.platform().endpoints().processes().stream()
                .filter(running -> running.name().equals(WORKER))
                .findFirst()
                .orElseThrow()
                .peerPorts();
        for (int port : ports) {
            if (caller.isLetInBy(new InetSocketAddress(InetAddress.getLoopbackAddress(), port))) {
                return true;
            }
        }
        return false;
    }
}
