package io.shoal.engine.swarms;

import static org.assertj.core.api.Assertions.assertThat;

import io.shoal.bittorrent.announce.AnnounceReply;
import io.shoal.bittorrent.metainfo.Info;
import io.shoal.engine.EngineConfig;
import io.shoal.engine.PieceWish;
import io.shoal.engine.TorrentHandle;
import io.shoal.engine.TorrentSpec;
import io.shoal.engine.TorrentSpec.Mode;
import io.shoal.engine.TorrentSpec.Resumed;
import io.shoal.engine.announce.TrackerClient;
import io.shoal.engine.announce.TrackerClient.Answered;
import io.shoal.engine.limits.EngineLimits;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * A torrent that wants pieces and has no peer: which addresses it dials and which trackers it announces to, and when.
 */
class PeerSearchTest {
    private static final int SEED = 1;
    private static final int LEECH = 2;
    private static final int DEAD = 3;
    private static final int LATE_SEED = 4;
    private static final int FIRST_OF_MANY_DEAD = 5;
    private static final PieceWish FIRST_HALF = piece -> piece < 4 ? 1 : 0;

    private final Simulation simulation = new Simulation(11);
    private final SimulatedNetwork network = new SimulatedNetwork(simulation);
    private final byte[] content = RandomContent.bytes(8 * (64 << 10), 11);
    private final Info info = RandomContent.torrent(content, 64 << 10, false);
    private final MemoryStore store = MemoryStore.empty(info.pieces());

    /** What the tracker says, which the leech alone asks. */
    private AnnounceReply reply = named(1800, 900);

    private final List<Duration> announcedAt = new ArrayList<>();
    private final List<InetSocketAddress> dialled = new ArrayList<>();
    private int finished;

    @Test
    void idlePeersAreDialledWhenMoreIsWanted() throws Exception {
        join(SEED, MemoryStore.of(info.pieces(), content), PieceWish.ALL, Mode.SEED);
        TorrentHandle leech = join(LEECH, store, FIRST_HALF, Mode.RUN);
        leech.addPeer(SimulatedNetwork.address(SEED));
        finishes(1, Duration.ofSeconds(20));
        letsGo(leech);
        assertThat(dialled).as("dialled before more is wanted").hasSize(1);

        leech.want(PieceWish.ALL);
        finishes(2, Duration.ofSeconds(10));
        assertThat(store.content).isEqualTo(content);
    }

    @Test
    void incomingIdlePeersAreDialledAtTheirListenAddress() throws Exception {
        TorrentHandle leech = join(LEECH, store, FIRST_HALF, Mode.RUN);
        TorrentHandle seed = join(SEED, MemoryStore.of(info.pieces(), content), PieceWish.ALL, Mode.SEED);
        seed.addPeer(SimulatedNetwork.address(LEECH));
        finishes(1, Duration.ofSeconds(20));
        seed.setMode(Mode.STOP); // it forgets whom it may dial
        letsGo(leech);
        seed.setMode(Mode.SEED);

        leech.want(PieceWish.ALL);
        finishes(2, Duration.ofSeconds(10));
        assertThat(dialled).containsOnly(SimulatedNetwork.address(SEED));
    }

    @Test
    void withoutCandidatesTheTrackerIsAnnouncedToBeforeItsInterval() throws Exception {
        join(SEED, MemoryStore.of(info.pieces(), content), PieceWish.ALL, Mode.SEED);
        reply = named(1800, 60, SimulatedNetwork.address(DEAD));
        join(LEECH, store, PieceWish.ALL, Mode.RUN);
        simulation.run(Duration.ofSeconds(150), () -> false);
        assertThat(announcedAt).as("asked while there is an address to dial").hasSize(1);

        reply = named(1800, 60, SimulatedNetwork.address(SEED));
        finishes(1, Duration.ofMinutes(2));
    }

    @Test
    void aTrackerWithoutPeersIsAnnouncedToAtItsInterval() throws Exception {
        reply = named(1800, 60);
        join(LEECH, store, PieceWish.ALL, Mode.RUN);
        simulation.run(Duration.ofMinutes(20), () -> false);
        assertThat(announcedAt).hasSize(1);
    }

    @Test
    void idlePeersAreDialledWhenPiecesAreLost() throws Exception {
        join(SEED, MemoryStore.of(info.pieces(), content), PieceWish.ALL, Mode.SEED);
        TorrentHandle leech = join(LEECH, store, PieceWish.ALL, Mode.RUN);
        leech.addPeer(SimulatedNetwork.address(SEED));
        finishes(1, Duration.ofSeconds(20));
        letsGo(leech);

        store.lose(5);
        finishes(2, Duration.ofSeconds(10));
    }

    @Test
    void aPeerThatBecomesASeedIsClosedAsIdleLikeAnInitialSeed() throws Exception {
        join(SEED, MemoryStore.of(info.pieces(), content), PieceWish.ALL, Mode.SEED);
        TorrentHandle late = join(LATE_SEED, MemoryStore.empty(info.pieces()), PieceWish.ALL, Mode.RUN);
        TorrentHandle leech = join(LEECH, store, FIRST_HALF, Mode.RUN);
        leech.addPeer(SimulatedNetwork.address(LATE_SEED));
        simulation.run(Duration.ofSeconds(2), () -> false);
        late.addPeer(SimulatedNetwork.address(SEED));
        finishes(1, Duration.ofSeconds(20));
        letsGo(leech);
        assertThat(dialled).as("dialled before more is wanted").hasSize(1);

        leech.want(PieceWish.ALL);
        finishes(2, Duration.ofSeconds(10));
    }

    @Test
    void anUnreachableAddressFreesItsSlotAtOnce() throws Exception {
        join(SEED, MemoryStore.of(info.pieces(), content), PieceWish.ALL, Mode.SEED);
        TorrentHandle leech = join(LEECH, store, PieceWish.ALL, Mode.RUN);
        for (int i = 0; i < EngineLimits.DIALS_PER_TORRENT; i++) {
            leech.addPeer(SimulatedNetwork.address(FIRST_OF_MANY_DEAD + i));
        }
        leech.addPeer(SimulatedNetwork.address(SEED));
        simulation.run(Duration.ZERO, () -> false);
        assertThat(dialled).hasSize(EngineLimits.DIALS_PER_TORRENT).doesNotContain(SimulatedNetwork.address(SEED));

        assertThat(simulation.run(Duration.ofMillis(1100), () -> dialled.contains(SimulatedNetwork.address(SEED))))
                .as("dialled in the second after the others")
                .isTrue();
    }

    private void letsGo(TorrentHandle leech) {
        simulation.run(Duration.ofMinutes(1), () -> false);
        assertThat(leech.stats().peers()).isEmpty();
    }

    private void finishes(int times, Duration within) {
        assertThat(simulation.run(within, () -> finished == times))
                .as("finishes within %s", within)
                .isTrue();
    }

    private static AnnounceReply named(int interval, int minInterval, InetSocketAddress... peers) {
        return new AnnounceReply(interval, minInterval, -1, -1, List.of(peers), null, null);
    }

    private TorrentHandle join(int host, MemoryStore of, PieceWish wish, Mode mode) throws IOException {
        TrackerClient trackers = (url, request, loop, done) -> {
            announcedAt.add(Duration.ofNanos(simulation.now()));
            Answered answer = new Answered(reply);
            loop.execute(() -> done.accept(answer));
        };
        Engine engine = new Engine(
                new EngineConfig(List.of(SimulatedNetwork.address(host)), null, address -> false, 0, 0),
                host == LEECH
                        ? new RecordingNetwork(network.of(host, 1_000_000), dialled::add)
                        : network.of(host, 1_000_000),
                address -> true,
                trackers,
                simulation.workers,
                simulation.random.split());
        return engine.add(
                new TorrentSpec(
                        info,
                        SimulatedNetwork.peerId(host),
                        host == LEECH ? List.of(List.of("http://tracker.invalid/announce")) : List.of(),
                        Resumed.FRESH,
                        wish,
                        mode),
                of,
                new StrictListener() {
                    @Override
                    public void finished() {
                        finished += host == LEECH ? 1 : 0;
                    }
                });
    }
}
