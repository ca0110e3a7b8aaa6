package io.shoal.engine.swarms;

import static org.assertj.core.api.Assertions.assertThat;

import io.shoal.bittorrent.metainfo.Info;
import io.shoal.engine.EngineConfig;
import io.shoal.engine.PieceWish;
import io.shoal.engine.TorrentSpec;
import io.shoal.engine.TorrentSpec.Mode;
import io.shoal.engine.TorrentSpec.Resumed;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A simulated swarm whose peers find one another through a UDP tracker, while datagrams are lost. */
class UdpAnnounceTest {
    private static final int SEED = 1;
    private static final int LEECH = 2;
    private final Simulation simulation = new Simulation(11);
    private final SimulatedNetwork network = new SimulatedNetwork(simulation);
    private final SimulatedUdpTracker tracker = new SimulatedUdpTracker(network, simulation, 100);
    private int finished;

    private Engine engine(int host) throws IOException {
        return new Engine(
                new EngineConfig(List.of(SimulatedNetwork.address(host)), null, address -> true, 0, 0),
                network.of(host, 1_000_000),
                address -> true,
                ports -> tracker.clientOf(ports.getFirst(), simulation.random.split()),
                simulation.workers,
                simulation.random.split());
    }

    private void join(int host, Info info, MemoryStore store, Mode mode) throws IOException {
        engine(host)
                .add(
                        new TorrentSpec(
                                info,
                                SimulatedNetwork.peerId(host),
                                List.of(List.of(tracker.url())),
                                Resumed.FRESH,
                                PieceWish.ALL,
                                mode),
                        store,
                        new StrictListener() {
                            @Override
                            public void finished() {
                                finished += mode == Mode.RUN ? 1 : 0;
                            }
                        });
    }

    @Test
    void peersMeetThroughAUdpTrackerAtTheirListenPorts() throws Exception {
        byte[] content = RandomContent.bytes(500_000, 11);
        Info info = RandomContent.torrent(content, 64 << 10, false);
        network.datagrams.setLoss(0.3);
        join(SEED, info, MemoryStore.of(info.pieces(), content), Mode.SEED);
        MemoryStore leech = MemoryStore.empty(info.pieces());
        join(LEECH, info, leech, Mode.RUN);

        assertThat(simulation.run(Duration.ofMinutes(30), () -> finished == 1)).isTrue();

        assertThat(leech.content).isEqualTo(content);
        assertThat(tracker.sources)
                .containsExactlyInAnyOrder(SimulatedNetwork.address(SEED), SimulatedNetwork.address(LEECH));
        assertThat(tracker.peers(info.hash())).isEqualTo(tracker.sources);
    }
}
