package io.shoal.engine.announce;

import static io.shoal.engine.announce.TrackerCalls.HASH;
import static io.shoal.engine.announce.TrackerCalls.call;
import static io.shoal.engine.announce.TrackerCalls.request;
import static org.assertj.core.api.Assertions.assertThat;

import io.shoal.bittorrent.InfoHash;
import io.shoal.bittorrent.announce.AnnounceEvent;
import io.shoal.bittorrent.announce.AnnounceReply;
import io.shoal.engine.announce.TrackerClient.AnnounceResult;
import io.shoal.engine.announce.TrackerClient.Answered;
import io.shoal.engine.announce.TrackerClient.Codes;
import io.shoal.engine.announce.TrackerClient.Failed;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Announces to opentracker, a widely used tracker. */
@Tag("clients")
class OpentrackerTest {
    private final TrackerCalls calls = new TrackerCalls();
    private final Trackers trackers;

    private @TempDir Path dir;
    private @Nullable Process opentracker;
    private int port;

    OpentrackerTest() throws IOException {
        trackers = new Trackers(calls.eventLoop(), InetAddress::isLoopbackAddress, List.of(calls.port("127.0.0.1")));
    }

    @BeforeEach
    void start() throws Exception {
        // It runs as nobody.
        Files.setPosixFilePermissions(dir, PosixFilePermissions.fromString("rwxr-xr-x"));
        Path whitelist = Files.writeString(dir.resolve("whitelist"), HASH.hex() + "\n");
        Files.setPosixFilePermissions(whitelist, PosixFilePermissions.fromString("rw-r--r--"));
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.ofLiteral("127.0.0.1"))) {
            port = free.getLocalPort();
        }
        String number = Integer.toString(port);
        opentracker = new ProcessBuilder(
                        "opentracker",
                        "-i",
                        "127.0.0.1",
                        "-p",
                        number,
                        "-P",
                        number,
                        "-d",
                        dir.toString(),
                        "-w",
                        "whitelist")
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        // It answers before it has read its whitelist, and refuses every torrent until then.
        Instant deadline = Instant.now().plus(Duration.ofSeconds(20));
        while (!(call(trackers, http(), request(HASH, 1, 0, AnnounceEvent.STARTED)) instanceof Answered)) {
            assertThat(Instant.now()).as("opentracker accepts the torrent").isBefore(deadline);
        }
        reply(call(trackers, http(), request(HASH, 1, 0, AnnounceEvent.STOPPED)));
    }

    @AfterEach
    void stop() throws Exception {
        if (opentracker != null) {
            opentracker.destroyForcibly().waitFor(10, TimeUnit.SECONDS);
        }
        trackers.close();
        calls.close();
    }

    private String http() {
        return "http://127.0.0.1:" + port + "/announce";
    }

    private String udp() {
        return "udp://127.0.0.1:" + port + "/announce";
    }

    private static AnnounceReply reply(AnnounceResult outcome) throws IOException {
        if (outcome instanceof Answered(AnnounceReply reply)) {
            return reply;
        }
        throw new IOException("not answered: " + outcome);
    }

    private static InetSocketAddress peer(int port) {
        return new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), port);
    }

    @Test
    void peersMeetOverHttpAndUdp() throws Exception {
        reply(call(trackers, http(), request(HASH, 1001, 0, AnnounceEvent.STARTED)));
        AnnounceReply overUdp = reply(call(trackers, udp(), request(HASH, 1002, 5, AnnounceEvent.STARTED)));
        assertThat(overUdp.peers()).contains(peer(1001));
        assertThat(overUdp.seeds()).isEqualTo(1);
        assertThat(overUdp.leeches()).isEqualTo(1);
        assertThat(overUdp.interval()).isPositive();

        AnnounceReply overHttp = reply(call(trackers, http(), request(HASH, 1003, 5, AnnounceEvent.STARTED)));
        assertThat(overHttp.peers()).contains(peer(1001), peer(1002));
        assertThat(overHttp.minInterval()).isPositive().isLessThanOrEqualTo(overHttp.interval());

        reply(call(trackers, udp(), request(HASH, 1002, 5, AnnounceEvent.STOPPED)));
        reply(call(trackers, http(), request(HASH, 1001, 0, AnnounceEvent.STOPPED)));
        AnnounceReply last = reply(call(trackers, udp(), request(HASH, 1003, 5, AnnounceEvent.NONE)));
        assertThat(last.peers()).doesNotContain(peer(1001), peer(1002));
    }

    @Test
    void aTorrentThatIsNotItsOwnIsRefused() throws Exception {
        InfoHash other = InfoHash.of(new byte[20]);
        assertThat(call(trackers, http(), request(other, 1, 0, AnnounceEvent.STARTED)))
                .isEqualTo(new Failed(
                        Codes.FAILURE,
                        "Requested download is not authorized for use with this tracker.",
                        Duration.ZERO));
    }
}
