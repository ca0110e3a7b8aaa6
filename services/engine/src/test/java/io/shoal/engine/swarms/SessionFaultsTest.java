package io.shoal.engine.swarms;

import static org.assertj.core.api.Assertions.assertThat;

import io.shoal.bittorrent.PeerId;
import io.shoal.bittorrent.metainfo.Info;
import io.shoal.engine.EncryptionPolicy;
import io.shoal.engine.EngineConfig;
import io.shoal.engine.PieceWish;
import io.shoal.engine.TorrentHandle;
import io.shoal.engine.TorrentSpec;
import io.shoal.engine.TorrentSpec.Limits;
import io.shoal.engine.TorrentSpec.Mode;
import io.shoal.engine.TorrentSpec.Resumed;
import io.shoal.engine.limits.EngineLimits;
import io.shoal.engine.limits.Seats;
import io.shoal.engine.net.Loop;
import io.shoal.engine.store.Store;
import io.shoal.engine.swarms.FaultyNetwork.Place;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** A mistake of ours in any task of a torrent ends it, and its owner learns of it with the cause; the engine goes on. */
class SessionFaultsTest {
    private static final int OURS = 1;
    private static final int PEER = 2;
    private static final int DEAD = 3;
    private static final int PIECE = 16 << 10;

    private final Simulation simulation = new Simulation(31);
    private final SimulatedNetwork network = new SimulatedNetwork(simulation);
    private final FaultyNetwork faults = new FaultyNetwork(network.of(OURS, 1_000_000));
    private final byte[] content = RandomContent.bytes(4 * PIECE, 31);
    private final Info info = RandomContent.torrent(content, PIECE, false);
    private final MemoryStore empty = MemoryStore.empty(info.pieces());
    private final List<Throwable> failures = new ArrayList<>();
    private Seats seats = new Seats(EngineLimits.PEERS_PER_ENGINE);
    private int joined;
    private boolean isEgressBroken;
    private boolean isFleetBroken;

    @Test
    void inTheRegularTask() throws Exception {
        TorrentHandle torrent = join(engine(), empty, Mode.RUN);
        runs(Duration.ofMillis(500));
        faults.fail(Place.CLOCK);
        isFailed(torrent);
    }

    @Test
    void inACallOfItsOwner() throws Exception {
        TorrentHandle torrent = join(engine(), empty, Mode.RUN);
        runs(Duration.ofMillis(500));
        isEgressBroken = true;
        torrent.addPeer(SimulatedNetwork.address(DEAD));
        isFailed(torrent);
    }

    @Test
    void inADial() throws Exception {
        TorrentHandle torrent = join(engine(), empty, Mode.RUN);
        faults.fail(Place.CONNECT);
        torrent.addPeer(SimulatedNetwork.address(PEER));
        isFailed(torrent);
    }

    @Test
    void afterADialHasFailed() throws Exception {
        TorrentHandle torrent = join(engine(), empty, Mode.RUN);
        runs(Duration.ofMillis(500));
        torrent.addPeer(SimulatedNetwork.address(DEAD));
        runs(Duration.ofNanos(1)); // it is being dialled
        faults.fail(Place.CLOCK);
        isFailed(torrent);
    }

    @Test
    void afterADialHasSucceeded() throws Exception {
        seed();
        TorrentHandle torrent = join(engine(), empty, Mode.RUN);
        isFleetBroken = true;
        torrent.addPeer(SimulatedNetwork.address(PEER));
        isFailed(torrent);
    }

    @Test
    void whenAPeerJoins() throws Exception {
        seats = new Seats(2);
        Seats.Share other = seats.join("another", new BrokenLoop(), () -> {});
        for (int i = 0; i < 2; i++) {
            assertThat(other.tryTake()).isTrue();
        }
        TorrentHandle torrent = join(engine(), empty, Mode.RUN);
        TorrentHandle seed = seed();
        seed.addPeer(SimulatedNetwork.address(OURS));
        isFailed(torrent);
        assertThat(seed.stats().peers()).as("its connection is closed").isEmpty();
    }

    @Test
    void whenAPeerLeaves() throws Exception {
        TorrentHandle leech = join(network.engine(PEER, 1_000_000), MemoryStore.empty(info.pieces()), Mode.RUN);
        TorrentHandle torrent = join(engine(), empty, Mode.RUN);
        torrent.addPeer(SimulatedNetwork.address(PEER));
        runs(Duration.ofMillis(3_500));
        assertThat(torrent.stats().peers()).hasSize(1);
        leech.setMode(Mode.STOP);
        runs(Duration.ofNanos(1));
        faults.fail(Place.CLOCK);
        isFailed(torrent);
    }

    @Test
    void whenASeatIsGivenUp() throws Exception {
        seats = new Seats(2);
        Seats.Share other = seats.join("another", simulation.loop, () -> {});
        for (int i = 0; i < 2; i++) {
            join(network.engine(PEER + i, 1_000_000), MemoryStore.empty(info.pieces()), Mode.RUN);
        }
        TorrentHandle torrent = join(engine(), empty, Mode.RUN);
        torrent.addPeer(SimulatedNetwork.address(PEER));
        torrent.addPeer(SimulatedNetwork.address(PEER + 1));
        runs(Duration.ofMillis(3_500));
        assertThat(torrent.stats().peers()).hasSize(2);
        faults.fail(Place.CLOSE);
        assertThat(other.tryTake()).isTrue();
        isFailed(torrent);
    }

    @Test
    void whenASiblingIsServed() throws Exception {
        Engine engine = engine();
        MemoryStore broken = MemoryStore.of(info.pieces(), content);
        TorrentHandle torrent = join(engine, broken, Mode.SEED);
        broken.breakReads();
        engine.add(spec(Mode.RUN, 7), empty, new StrictListener());
        isFailed(torrent, IllegalStateException.class);
    }

    private void isFailed(TorrentHandle torrent) {
        isFailed(torrent, AssertionError.class);
    }

    private void isFailed(TorrentHandle torrent, Class<? extends Throwable> cause) {
        boolean hasFailed = simulation.run(Duration.ofSeconds(10), () -> !failures.isEmpty());
        assertThat(hasFailed).as("its owner was told").isTrue();
        runs(Duration.ofSeconds(10));
        assertThat(failures).as("told once").hasSize(1).hasOnlyElementsOfType(cause);
        CompletableFuture<Void> closed = torrent.close(true);
        runs(Duration.ofSeconds(10));
        assertThat(closed).isCompleted();
    }

    private void runs(Duration time) {
        simulation.run(time, () -> false);
    }

    private Engine engine() throws IOException {
        Engine engine = new Engine(
                new EngineConfig(
                        List.of(SimulatedNetwork.address(OURS)),
                        null,
                        peer -> {
                            failIf(isFleetBroken);
                            return false;
                        },
                        address -> true,
                        EncryptionPolicy.ALLOWED,
                        0,
                        0),
                faults,
                address -> {
                    failIf(isEgressBroken);
                    return true;
                },
                SimulatedNetwork.NO_TRACKERS,
                simulation.workers,
                simulation.random.split(),
                seats);
        faults.useFaultyClock(); // of torrents, not of what they share
        return engine;
    }

    private static void failIf(boolean broken) {
        if (broken) {
            throw FaultyNetwork.fault();
        }
    }

    private TorrentHandle seed() throws IOException {
        return network.engine(PEER, 1_000_000)
                .add(spec(Mode.SEED, PEER), MemoryStore.of(info.pieces(), content), new StrictListener());
    }

    private TorrentHandle join(Engine engine, Store store, Mode mode) {
        return engine.add(spec(mode, 100 + joined++), store, new StrictListener() {
            @Override
            public void failed(Throwable cause) {
                failures.add(cause);
            }
        });
    }

    private TorrentSpec spec(Mode mode, int id) {
        PeerId peerId = SimulatedNetwork.peerId(id);
        return new TorrentSpec(info, peerId, List.of(), Resumed.FRESH, PieceWish.ALL, mode, "ours", Limits.NONE);
    }

    /** A loop on which nothing can be done. */
    private static final class BrokenLoop implements Loop {
        @Override
        public void execute(Runnable task) {
            throw FaultyNetwork.fault();
        }

        @Override
        public Timer schedule(Duration delay, Runnable task) {
            throw FaultyNetwork.fault();
        }

        @Override
        public boolean isCurrent() {
            return false;
        }

        @Override
        public long nanoTime() {
            return 0;
        }

        @Override
        public long epochMillis() {
            return 0;
        }
    }
}
