package io.shoal.engine.swarms;

import static org.assertj.core.api.Assertions.assertThat;

import io.shoal.bittorrent.metainfo.Info;
import io.shoal.engine.PieceWish;
import io.shoal.engine.TorrentSpec;
import io.shoal.engine.TorrentSpec.Mode;
import io.shoal.engine.TorrentSpec.Resumed;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** The store asks for the room of open pieces: they are given up, and downloaded again when there is room. */
class RoomNeededTest {
    private static final int LEECH = 1;
    private static final int SEED = 2;

    private final Simulation simulation = new Simulation(12);
    private final SimulatedNetwork network = new SimulatedNetwork(simulation);
    private final byte[] content = RandomContent.bytes(4_000_000, 12);
    private final Info info = RandomContent.torrent(content, 256 << 10, false);
    private final MemoryStore store = MemoryStore.empty(info.pieces());
    private boolean finished;

    @Test
    void openPiecesAreDroppedAndVerifiedOnesAreKept() throws IOException {
        network.of(SEED, 100_000)
                .listen(SimulatedNetwork.address(SEED), remote -> new ScriptedSeed(SEED, info, content, n -> true));
        network.engine(LEECH, 100_000)
                .add(
                        new TorrentSpec(
                                info,
                                SimulatedNetwork.peerId(LEECH),
                                List.of(),
                                Resumed.FRESH,
                                PieceWish.ALL,
                                Mode.RUN),
                        store,
                        new StrictListener() {
                            @Override
                            public void finished() {
                                finished = true;
                            }
                        })
                .addPeer(SimulatedNetwork.address(SEED));
        assertThat(simulation.run(Duration.ofSeconds(60), () -> store.held().cardinality() == 3 && open() > 0))
                .isTrue();

        store.setFull(true);
        store.needRoom();
        assertThat(simulation.run(Duration.ofSeconds(5), () -> open() == 0)).isTrue();
        int held = store.held().cardinality();
        assertThat(held).isGreaterThanOrEqualTo(3);
        assertThat(simulation.run(Duration.ofSeconds(20), () -> open() > 0)).isFalse();
        assertThat(store.held().cardinality()).isEqualTo(held);

        store.setFull(false);
        assertThat(simulation.run(Duration.ofMinutes(2), () -> finished)).isTrue();
        assertThat(store.content).isEqualTo(content);
    }

    private long open() {
        return IntStream.range(0, info.pieces().count()).filter(store::isOpen).count();
    }
}
