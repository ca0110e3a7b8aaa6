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
import java.util.List;
import java.util.Map;
import java.util.function.IntPredicate;
import org.junit.jupiter.api.Test;

/** Peers that forget requests or stop sending; each piece must be complete soon all the same, not only in the end. */
class LateRequestTest {
    private static final int LEECH = 1;
    private static final int SEED = 2;
    private static final int OTHER = 3;

    /** Of each connection. */
    private static final int BYTES_PER_SECOND = 200_000;

    private final Simulation simulation = new Simulation(11);
    private final SimulatedNetwork network = new SimulatedNetwork(simulation);
    private final byte[] content = RandomContent.bytes(24_000_000, 11);
    private final Info info = RandomContent.torrent(content, 256 << 10, false);
    private final MemoryStore store = MemoryStore.empty(info.pieces());
    private boolean finished;

    @Test
    void aSeedForgetsEveryFiftiethRequest() throws IOException {
        Duration longest = longestOpen(Map.of(SEED, request -> request % 50 != 0));
        assertThat(longest).isLessThan(Duration.ofSeconds(30));
        assertThat(store.content).isEqualTo(content);
    }

    @Test
    void bothSeedsForgetEveryFiftiethRequest() throws IOException {
        Duration longest =
                longestOpen(Map.of(SEED, request -> request % 50 != 0, OTHER, request -> request % 50 != 25));
        assertThat(longest).isLessThan(Duration.ofSeconds(45));
    }

    @Test
    void oneSeedFallsSilentAndTheOtherHasAFullQueue() throws IOException {
        Duration longest = longestOpen(Map.of(SEED, request -> true, OTHER, request -> request < 10));
        assertThat(longest).isLessThan(Duration.ofSeconds(60));
    }

    /** Downloads everything. @return the longest time for which a piece was open */
    private Duration longestOpen(Map<Integer, IntPredicate> seeds) throws IOException {
        TorrentHandle torrent = join();
        seeds.forEach((host, answers) -> {
            try {
                network.of(host, BYTES_PER_SECOND)
                        .listen(
                                SimulatedNetwork.address(host),
                                remote -> new ScriptedSeed(host, info, content, answers));
            } catch (IOException e) {
                throw new AssertionError(e);
            }
            torrent.addPeer(SimulatedNetwork.address(host));
        });
        int[] seconds = new int[info.pieces().count()];
        int longest = 0;
        for (int second = 0; !simulation.run(Duration.ofSeconds(1), () -> finished); second++) {
            assertThat(second).isLessThan(600);
            for (int piece = 0; piece < seconds.length; piece++) {
                seconds[piece] = store.isOpen(piece) ? seconds[piece] + 1 : 0;
                longest = Math.max(longest, seconds[piece]);
            }
        }
        return Duration.ofSeconds(longest);
    }

    private TorrentHandle join() throws IOException {
        Engine engine = network.engine(LEECH, BYTES_PER_SECOND);
        PeerId id = SimulatedNetwork.peerId(LEECH);
        return engine.add(
                new TorrentSpec(info, id, List.of(), Resumed.FRESH, PieceWish.ALL, Mode.RUN),
                store,
                new StrictListener() {
                    @Override
                    public void finished() {
                        finished = true;
                    }
                });
    }
}
