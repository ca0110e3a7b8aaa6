package io.shoal.engine.swarms;

import static org.assertj.core.api.Assertions.assertThat;

import io.shoal.bittorrent.metainfo.Info;
import io.shoal.engine.PieceWish;
import io.shoal.engine.TorrentHandle;
import io.shoal.engine.TorrentSpec;
import io.shoal.engine.TorrentSpec.Mode;
import io.shoal.engine.TorrentSpec.Resumed;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A torrent that is closed in the middle of its download: its store is closed once, with no piece open. */
class ClosingTest {
    private static final int LEECH = 1;
    private static final int SEED = 2;

    private final Simulation simulation = new Simulation(13);
    private final SimulatedNetwork network = new SimulatedNetwork(simulation);
    private final byte[] content = RandomContent.bytes(4_000_000, 13);
    private final Info info = RandomContent.torrent(content, 256 << 10, false);
    private final MemoryStore store = MemoryStore.empty(info.pieces());

    @ParameterizedTest
    @ValueSource(ints = {1_000, 2_100, 3_050, 4_444, 5_025, 7_777, 10_001})
    void noPieceIsOpenWhenTheStoreIsClosed(int millis) throws Exception {
        network.of(SEED, 100_000)
                .listen(SimulatedNetwork.address(SEED), remote -> new ScriptedSeed(SEED, info, content, n -> true));
        TorrentHandle torrent = network.engine(LEECH, 100_000)
                .add(
                        new TorrentSpec(
                                info,
                                SimulatedNetwork.peerId(LEECH),
                                List.of(),
                                Resumed.FRESH,
                                PieceWish.ALL,
                                Mode.RUN),
                        store,
                        new StrictListener());
        torrent.addPeer(SimulatedNetwork.address(SEED));
        simulation.run(Duration.ofMillis(millis), () -> false);
        CompletableFuture<Void> closed = torrent.close(false);
        assertThat(simulation.run(Duration.ofSeconds(5), closed::isDone)).isTrue();
        assertThat(closed).isCompleted();
    }
}
