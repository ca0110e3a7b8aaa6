package io.shoal.engine.swarms;

import static org.assertj.core.api.Assertions.assertThat;

import io.shoal.bittorrent.PeerId;
import io.shoal.bittorrent.metainfo.Info;
import io.shoal.engine.PieceWish;
import io.shoal.engine.TorrentHandle;
import io.shoal.engine.TorrentSpec;
import io.shoal.engine.TorrentSpec.Mode;
import io.shoal.engine.TorrentSpec.Resumed;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A torrent that uploads: what its peers get, and what is counted. */
class UploadTest {
    private static final int UPLOADER = 1;
    private static final int FIRST_TAKER = 10;

    private final Simulation simulation = new Simulation(5);
    private final SimulatedNetwork network = new SimulatedNetwork(simulation);
    private final byte[] content = RandomContent.bytes(1_000_000, 5);
    private final Info info = RandomContent.torrent(content, 64 << 10, false);
    private final List<ScriptedTaker> takers = new ArrayList<>();

    @Test
    void whatTheStoreDoesNotDeliverIsNotCountedAsUploaded() throws IOException {
        MemoryStore store = MemoryStore.of(info.pieces(), content);
        store.setUnreadable(true);
        TorrentHandle torrent = join(store, Mode.SEED);
        connect(10, true);
        run(Duration.ofSeconds(60));
        assertThat(takers).allMatch(taker -> taker.unchokes > 0 && taker.blocks == 0);
        assertThat(torrent.stats().uploaded()).isZero();

        store.setUnreadable(false);
        run(Duration.ofSeconds(60));
        long blocks = takers.stream().mapToInt(taker -> taker.blocks).sum();
        assertThat(blocks).isPositive();
        assertThat(torrent.stats().uploaded()).isEqualTo(blocks * (16 << 10));
    }

    @Test
    void aTorrentThatDoesNotDownloadUnchokesAllInTurn() throws IOException {
        MemoryStore store = MemoryStore.of(info.pieces(), content);
        store.lose(3);
        join(store, Mode.SEED);
        connect(20, false);
        run(Duration.ofSeconds(50));
        assertThat(takers).as("a turn is a minute").allMatch(taker -> taker.chokes == 0);
        run(Duration.ofMinutes(4));
        assertThat(takers).allMatch(taker -> taker.unchokes > 0);
    }

    @Test
    void aSlotIsFreeAsSoonAsItsPeerIsChokedForAFailedRead() throws IOException {
        MemoryStore store = MemoryStore.of(info.pieces(), content);
        store.setUnreadable(true);
        join(store, Mode.SEED);
        connect(8, true);
        run(Duration.ofSeconds(2));
        assertThat(takers).allMatch(taker -> taker.unchokes == 1 && taker.isChoked);
        connect(1, true);
        run(Duration.ofSeconds(2));
        assertThat(takers.getLast().unchokes).as("before the next round").isEqualTo(1);
    }

    @Test
    void newPiecesAreAnnouncedTogether() throws IOException {
        int bytesPerSecond = 50_000_000;
        MemoryStore store = MemoryStore.empty(info.pieces());
        TorrentHandle torrent = join(store, Mode.RUN, bytesPerSecond);
        connect(10, false);
        run(Duration.ofSeconds(1));
        int[] before = takers.stream().mapToInt(taker -> taker.reads).toArray();
        int seed = 2;
        network.of(seed, bytesPerSecond)
                .listen(
                        SimulatedNetwork.address(seed),
                        remote -> new ScriptedSeed(seed, info, content, request -> true));
        torrent.addPeer(SimulatedNetwork.address(seed));
        assertThat(simulation.run(Duration.ofSeconds(5), () -> torrent.stats().left() == 0))
                .isTrue();
        run(Duration.ofMillis(200));
        for (int i = 0; i < before.length; i++) {
            ScriptedTaker taker = takers.get(i);
            assertThat(taker.haves.cardinality()).isEqualTo(info.pieces().count());
            assertThat(taker.reads - before[i]).as("writes for 16 pieces").isLessThanOrEqualTo(8);
        }
    }

    private void run(Duration duration) {
        simulation.run(duration, () -> false);
    }

    private void connect(int count, boolean requests) {
        for (int i = 0; i < count; i++) {
            int number = FIRST_TAKER + takers.size();
            ScriptedTaker taker = new ScriptedTaker(number, info, requests);
            takers.add(taker);
            network.of(number, 1_000_000).connect(simulation.loop, SimulatedNetwork.address(UPLOADER), taker);
        }
    }

    private TorrentHandle join(MemoryStore store, Mode mode) throws IOException {
        return join(store, mode, 1_000_000);
    }

    private TorrentHandle join(MemoryStore store, Mode mode, int bytesPerSecond) throws IOException {
        Engine engine = network.engine(UPLOADER, bytesPerSecond);
        PeerId id = SimulatedNetwork.peerId(UPLOADER);
        return engine.add(
                new TorrentSpec(info, id, List.of(), Resumed.FRESH, PieceWish.ALL, mode), store, new StrictListener());
    }
}
