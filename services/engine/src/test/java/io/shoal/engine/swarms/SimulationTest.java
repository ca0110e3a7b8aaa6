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
import java.net.InetAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * A whole swarm in one thread, with faults drawn from a seed. A failing run names its seed, with which it fails in the
 * same way again.
 */
class SimulationTest {
    private static final int LEECHES = 5;
    private static final int SEEDS_TRIED = 20;
    private static final Duration LONGEST = Duration.ofHours(2);

    @Test
    void everySwarmFinishesWhateverHappensToIt() throws Exception {
        Set<InetAddress> banned = new HashSet<>();
        for (long seed = 0; seed < SEEDS_TRIED; seed++) {
            Swarm swarm = new Swarm(seed);

            assertThat(swarm.finishes()).as("seed %d finishes", seed).isTrue();
            for (MemoryStore store : swarm.leeches) {
                assertThat(store.content).as("seed %d, exact bytes", seed).isEqualTo(swarm.content);
            }
            assertThat(swarm.banned)
                    .as("seed %d, nobody but the liar is banned", seed)
                    .isSubsetOf(SimulatedNetwork.address(Swarm.LIAR).getAddress());
            assertThat(swarm.closes()).as("seed %d closes", seed).isTrue();
            banned.addAll(swarm.banned);
        }
        assertThat(banned).as("the liar is found").isNotEmpty();
    }

    @Test
    void theSameSeedIsTheSameRun() throws Exception {
        for (long seed = 100; seed < 103; seed++) {
            Swarm first = new Swarm(seed);
            Swarm second = new Swarm(seed);
            assertThat(first.finishes()).isTrue();
            assertThat(second.finishes()).isTrue();
            assertThat(first.simulation.trace()).isEqualTo(second.simulation.trace());
        }
        Swarm other = new Swarm(104);
        Swarm another = new Swarm(105);
        assertThat(other.finishes()).isTrue();
        assertThat(another.finishes()).isTrue();
        assertThat(other.simulation.trace()).isNotEqualTo(another.simulation.trace());
    }

    /** One seed, one liar that looks like one, and some leeches, of which one is slow and one has a store that fills up. */
    private static final class Swarm {
        static final int SEED = 1;
        static final int LIAR = 2;
        static final int FIRST_LEECH = 3;

        final Simulation simulation;
        final byte[] content;
        final List<MemoryStore> leeches = new ArrayList<>();
        final Set<InetAddress> banned = new HashSet<>();
        private final SimulatedNetwork network;
        private final Info info;
        private final List<TorrentHandle> torrents = new ArrayList<>();
        private int finished;

        Swarm(long seed) throws IOException {
            simulation = new Simulation(seed);
            network = new SimulatedNetwork(simulation);
            content = RandomContent.bytes(simulation.random.nextInt(1_000_000, 3_000_000), seed);
            info = RandomContent.torrent(content, 64 << 10, false);
            join(SEED, MemoryStore.of(info.pieces(), content), Mode.SEED);
            join(LIAR, MemoryStore.lying(info.pieces(), content.clone()), Mode.SEED);
            for (int i = 0; i < LEECHES; i++) {
                MemoryStore store = MemoryStore.empty(info.pieces());
                leeches.add(store);
                TorrentHandle torrent = join(FIRST_LEECH + i, store, Mode.RUN);
                for (int host = SEED; host < FIRST_LEECH + i; host++) {
                    torrent.addPeer(SimulatedNetwork.address(host));
                }
            }
            MemoryStore filling = leeches.getFirst();
            simulation.after(Duration.ofSeconds(1), () -> filling.setFull(true));
            simulation.after(
                    Duration.ofSeconds(2).plusNanos(simulation.nextNanos(Duration.ofSeconds(60))),
                    () -> filling.setFull(false));
            for (int i = 0; i < 10; i++) {
                simulation.after(Duration.ofNanos(simulation.nextNanos(Duration.ofSeconds(40))), network::tearOne);
            }
        }

        boolean finishes() {
            return simulation.run(LONGEST, () -> finished == LEECHES);
        }

        boolean closes() {
            int[] closed = {0};
            for (TorrentHandle torrent : torrents) {
                var _ = torrent.close(true).thenRun(() -> closed[0]++);
            }
            return simulation.run(Duration.ofMinutes(1), () -> closed[0] == torrents.size());
        }

        private TorrentHandle join(int host, MemoryStore store, Mode mode) throws IOException {
            long bytesPerSecond = host == FIRST_LEECH + 1 ? 20_000 : 200_000 + simulation.random.nextInt(2_000_000);
            Engine engine = network.engine(host, bytesPerSecond);
            PeerId id = SimulatedNetwork.peerId(host);
            AtomicReference<@Nullable TorrentHandle> self = new AtomicReference<>();
            TorrentHandle torrent = engine.add(
                    new TorrentSpec(
                            info,
                            id,
                            List.of(List.of("http://tracker.invalid/announce")),
                            Resumed.FRESH,
                            PieceWish.ALL,
                            mode),
                    store,
                    new StrictListener() {
                        @Override
                        public void verified(int piece) {
                            simulation.note(host * 1_000L + piece);
                        }

                        @Override
                        public void finished() {
                            assertThat(Objects.requireNonNull(self.get())
                                            .stats()
                                            .left())
                                    .isZero();
                            finished += mode == Mode.RUN ? 1 : 0;
                        }

                        @Override
                        public void banned(InetAddress liar, int piece) {
                            banned.add(liar);
                        }
                    });
            self.set(torrent);
            torrents.add(torrent);
            return torrent;
        }
    }
}
