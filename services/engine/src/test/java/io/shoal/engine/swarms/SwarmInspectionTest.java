package io.shoal.engine.swarms;

import static org.assertj.core.api.Assertions.assertThat;

import io.shoal.bittorrent.PeerId;
import io.shoal.bittorrent.metainfo.Info;
import io.shoal.engine.EncryptionPolicy;
import io.shoal.engine.EngineConfig;
import io.shoal.engine.PieceWish;
import io.shoal.engine.SwarmSnapshot;
import io.shoal.engine.SwarmSnapshot.PeerDetails;
import io.shoal.engine.TorrentHandle;
import io.shoal.engine.TorrentSpec;
import io.shoal.engine.TorrentSpec.Limits;
import io.shoal.engine.TorrentSpec.Mode;
import io.shoal.engine.TorrentSpec.Resumed;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** What a torrent shows of its swarm on request. */
class SwarmInspectionTest {
    private static final int OURS = 1;
    private static final int SEED = 2;
    private static final int LEECH = 3;
    private static final int CALLER = 4;
    private static final int OTHER_WORKER = 5;
    private static final int PIECE = 32 << 10;
    private static final int PIECES = 256;
    private static final String TRACKER = "http://tracker.invalid/announce?passkey=secret";
    private static final String SECOND_TRACKER = "http://second.invalid/announce";

    private final Simulation simulation = new Simulation(23);
    private final SimulatedNetwork network = new SimulatedNetwork(simulation);
    private final SimulatedTracker tracker = new SimulatedTracker(simulation);
    private final byte[] content = RandomContent.bytes(PIECES * PIECE, 23);
    private final Info info = RandomContent.torrent(content, PIECE, false);

    @Test
    void eachPeerIsShownWithWhatIsKnownOfItAndWorkersOfTheDeploymentAreNot() throws Exception {
        tracker.add(TRACKER, SimulatedNetwork.address(SEED));
        join(SEED, MemoryStore.of(info.pieces(), content), Mode.SEED, List.of());
        join(LEECH, MemoryStore.empty(info.pieces()), Mode.RUN, List.of());
        TorrentHandle caller = join(CALLER, MemoryStore.empty(info.pieces()), Mode.RUN, List.of());
        TorrentHandle worker = join(OTHER_WORKER, MemoryStore.of(info.pieces(), content), Mode.SEED, List.of());
        TorrentHandle ours = join(OURS, MemoryStore.empty(info.pieces()), Mode.RUN, List.of(List.of(TRACKER)));
        ours.addPeer(SimulatedNetwork.address(LEECH));
        ours.addPeer(SimulatedNetwork.address(OTHER_WORKER));
        caller.addPeer(SimulatedNetwork.address(OURS));
        run(Duration.ofSeconds(4));

        assertThat(worker.stats().peers())
                .as("it is connected")
                .anyMatch(peer -> peer.address()
                        .getAddress()
                        .equals(SimulatedNetwork.address(OURS).getAddress()));
        SwarmSnapshot all = inspect(ours, 100, 512);
        assertThat(all.connected()).isEqualTo(3);
        assertThat(all.peers())
                .extracting(peer -> peer.address().getAddress())
                .doesNotContain(SimulatedNetwork.address(OTHER_WORKER).getAddress())
                .hasSize(3);
        PeerDetails seed = all.peers().getFirst();
        assertThat(seed.address()).as("the busiest").isEqualTo(SimulatedNetwork.address(SEED));
        assertThat(seed.trackers()).containsExactly(TRACKER);
        assertThat(seed.toString()).doesNotContain("secret");
        assertThat(seed.done()).isEqualTo(1_000);
        assertThat(seed.isInteresting()).isTrue();
        assertThat(seed.isInterested()).isFalse();
        assertThat(seed.isChoking()).isFalse();
        assertThat(seed.downRate()).isPositive();
        assertThat(seed.downloaded()).isPositive();
        assertThat(seed.client()).startsWith("Shoal");
        PeerDetails leech = peer(all, LEECH);
        assertThat(leech.trackers()).isEmpty();
        assertThat(leech.isIncoming()).isFalse();
        assertThat(leech.isInterested()).isTrue();
        assertThat(leech.done()).isLessThan(1_000);
        assertThat(peer(all, CALLER).isIncoming()).isTrue();
        assertThat(all.availability())
                .as("the seed has each piece, and the worker does not count")
                .hasSize(PIECES)
                .allSatisfy(copies -> assertThat(copies).isBetween(1, 3));

        SwarmSnapshot bounded = inspect(ours, 1, 7);
        assertThat(bounded.connected()).isEqualTo(3);
        assertThat(bounded.peers()).hasSize(1);
        assertThat(bounded.availability()).hasSize(7);
    }

    @Test
    void aTrackerThatNamesAConnectedPeerIsNotedToo() throws Exception {
        tracker.add(SECOND_TRACKER, SimulatedNetwork.address(SEED));
        join(SEED, MemoryStore.of(info.pieces(), content), Mode.SEED, List.of());
        TorrentHandle ours = join(OURS, MemoryStore.empty(info.pieces()), Mode.RUN, List.of(List.of(TRACKER)));
        ours.addPeer(SimulatedNetwork.address(SEED));
        run(Duration.ofSeconds(2));
        assertThat(inspect(ours, 100, 1).peers().getFirst().trackers()).isEmpty();

        ours.setTrackers(List.of(List.of(SECOND_TRACKER)));
        run(Duration.ofSeconds(2));
        assertThat(inspect(ours, 100, 1).peers().getFirst().trackers()).containsExactly(SECOND_TRACKER);
    }

    private static PeerDetails peer(SwarmSnapshot swarm, int host) {
        return swarm.peers().stream()
                .filter(peer -> peer.address()
                        .getAddress()
                        .equals(SimulatedNetwork.address(host).getAddress()))
                .findFirst()
                .orElseThrow();
    }

    private SwarmSnapshot inspect(TorrentHandle torrent, int peers, int buckets) {
        CompletableFuture<SwarmSnapshot> swarm = torrent.inspect(peers, buckets);
        assertThat(simulation.run(Duration.ofSeconds(1), swarm::isDone)).isTrue();
        return swarm.join();
    }

    private void run(Duration time) {
        simulation.run(time, () -> false);
    }

    private TorrentHandle join(int host, MemoryStore store, Mode mode, List<List<String>> trackers) throws IOException {
        List<InetSocketAddress> listen = List.of(SimulatedNetwork.address(host));
        PeerId worker = SimulatedNetwork.peerId(OTHER_WORKER);
        Engine engine = new Engine(
                new EngineConfig(listen, null, worker::equals, address -> true, EncryptionPolicy.ALLOWED, 0, 0),
                network.of(host, host == OTHER_WORKER ? 1_000 : 256 << 10),
                address -> true,
                tracker.from(SimulatedNetwork.address(host).getAddress()),
                simulation.workers,
                simulation.random.split());
        return engine.add(
                new TorrentSpec(
                        info,
                        SimulatedNetwork.peerId(host),
                        trackers,
                        Resumed.FRESH,
                        PieceWish.ALL,
                        mode,
                        "",
                        Limits.NONE),
                store,
                new StrictListener());
    }
}
