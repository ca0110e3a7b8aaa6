package io.shoal.engine.swarms;

import static org.assertj.core.api.Assertions.assertThat;

import io.shoal.bittorrent.InfoHash;
import io.shoal.bittorrent.metainfo.Info;
import io.shoal.bittorrent.wire.Extension;
import io.shoal.engine.EncryptionPolicy;
import io.shoal.engine.EngineConfig;
import io.shoal.engine.PieceWish;
import io.shoal.engine.ResolveSpec;
import io.shoal.engine.SwarmSnapshot;
import io.shoal.engine.SwarmSnapshot.PeerDetails;
import io.shoal.engine.TorrentHandle;
import io.shoal.engine.TorrentSpec;
import io.shoal.engine.TorrentSpec.Limits;
import io.shoal.engine.TorrentSpec.Mode;
import io.shoal.engine.TorrentSpec.Resumed;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.BooleanSupplier;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Peers that learn of one another from peers (BEP 11), and those that must not. */
class PeerExchangeTest {
    private static final int OURS = 1;
    private static final int SEED = 2;
    private static final int FIRST = 3;
    private static final int SECOND = 4;
    private static final int OTHER_WORKER = 5;
    private static final int PIECE = 32 << 10;
    private static final int PIECES = 256;
    private static final String TRACKER = "http://tracker.invalid/announce";

    /** No host is there. */
    private static final int FIRST_NAMED_BY_LIAR = 100_000;

    private final Simulation simulation = new Simulation(49);
    private final SimulatedNetwork network = new SimulatedNetwork(simulation);
    private final SimulatedTracker tracker = new SimulatedTracker(simulation);
    private final byte[] content = RandomContent.bytes(PIECES * PIECE, 49);
    private final Info info = RandomContent.torrent(content, PIECE, false);
    private final Info privateInfo = RandomContent.torrent(content, PIECE, true);
    private final List<InetSocketAddress> dialled = new ArrayList<>();
    private final Set<Integer> finished = new HashSet<>();
    private byte @Nullable [] resolved;

    @Test
    void aSwarmOfSixteenFinishesWhoseTrackerAndFirstLeechGoAway() throws Exception {
        int swarm = 16;
        TorrentHandle seed = join(SEED, MemoryStore.of(info.pieces(), content), Mode.SEED, true, 300_000);
        join(FIRST, MemoryStore.empty(info.pieces()), Mode.RUN, true, 300_000);
        until(Duration.ofSeconds(40), () -> !seed.stats().peers().isEmpty());
        tracker.setAway(url -> true);
        List<MemoryStore> stores = new ArrayList<>();
        for (int host = FIRST + 1; host < SEED + swarm; host++) {
            MemoryStore store = MemoryStore.empty(info.pieces());
            stores.add(store);
            join(host, store, Mode.RUN, true, 300_000).addPeer(SimulatedNetwork.address(FIRST));
        }
        run(Duration.ofSeconds(10));
        network.kill(network.host(FIRST));
        assertThat(finished).as("no peer has all yet").isEmpty();

        until(Duration.ofMinutes(10), () -> finished.size() == swarm - 2);
        assertThat(stores)
                .hasSize(swarm - 2)
                .allSatisfy(each -> assertThat(each.content).isEqualTo(content));
    }

    @Test
    void whatAPeerNamesIsDialledAndShownAndToldToOthers() throws Exception {
        ScriptedExchanger first = listen(FIRST, info.hash());
        ScriptedExchanger second = listen(SECOND, info.hash());
        join(SEED, MemoryStore.of(info.pieces(), content), Mode.SEED, false, 100_000);
        join(OTHER_WORKER, MemoryStore.empty(info.pieces()), Mode.RUN, false, 100_000);
        TorrentHandle ours = join(OURS, MemoryStore.empty(info.pieces()), Mode.RUN, false, 100_000);
        ours.addPeer(SimulatedNetwork.address(FIRST));
        ours.addPeer(SimulatedNetwork.address(OTHER_WORKER));
        until(Duration.ofSeconds(2), () -> !first.handshakes.isEmpty());
        assertThat(first.handshakes.getFirst().ids().of(Extension.PEX)).isEqualTo(Extension.PEX.id());
        first.name(List.of(
                SimulatedNetwork.address(SEED), SimulatedNetwork.address(SECOND), SimulatedNetwork.address(OURS)));
        run(Duration.ofSeconds(5));

        assertThat(dialled).doesNotContain(SimulatedNetwork.address(OURS));
        SwarmSnapshot swarm = inspect(ours);
        assertThat(swarm.peers())
                .filteredOn(PeerDetails::isOnlyExchanged)
                .extracting(PeerDetails::address)
                .containsExactlyInAnyOrder(SimulatedNetwork.address(SEED), SimulatedNetwork.address(SECOND));
        assertThat(second.told())
                .as("another worker of the deployment is a peer as any other")
                .contains(SimulatedNetwork.address(FIRST), SimulatedNetwork.address(OTHER_WORKER))
                .doesNotContain(SimulatedNetwork.address(SECOND), SimulatedNetwork.address(OURS));

        tracker.add(TRACKER, SimulatedNetwork.address(SECOND));
        ours.setTrackers(List.of(List.of(TRACKER)));
        run(Duration.ofSeconds(2));
        assertThat(inspect(ours).peers())
                .as("a tracker has named it too")
                .filteredOn(PeerDetails::isOnlyExchanged)
                .extracting(PeerDetails::address)
                .containsExactly(SimulatedNetwork.address(SEED));
    }

    @Test
    void aLiarDelaysNoPeerThatATrackerNamesAndHasNoMoreDialledThanItsShare() throws Exception {
        ScriptedExchanger liar = listen(FIRST, info.hash());
        TorrentHandle ours = join(OURS, MemoryStore.empty(info.pieces()), Mode.RUN, false, 100_000);
        ours.addPeer(SimulatedNetwork.address(FIRST));
        until(Duration.ofSeconds(2), liar::isOpen);
        run(Duration.ofSeconds(1));
        int messages = 10;
        for (int i = 0; i < messages; i++) {
            int from = FIRST_NAMED_BY_LIAR + i * 2_000;
            liar.name(IntStream.range(from, from + 2_000)
                    .mapToObj(SimulatedNetwork::address)
                    .toList());
            run(Duration.ofSeconds(61));
        }
        Set<InetSocketAddress> lies = new HashSet<>(dialled);
        lies.remove(SimulatedNetwork.address(FIRST));
        assertThat(lies.size()).as("of 20,000").isBetween(100, 50 * messages);
        assertThat(liar.isClosed).isFalse();

        join(SEED, MemoryStore.of(info.pieces(), content), Mode.SEED, false, 1_000_000);
        ours.addPeer(SimulatedNetwork.address(SEED));
        until(Duration.ofSeconds(2), () -> dialled.getLast().equals(SimulatedNetwork.address(SEED)));
    }

    @Test
    void aPeerThatFloodsIsClosed() throws Exception {
        ScriptedExchanger liar = listen(FIRST, info.hash());
        join(OURS, MemoryStore.empty(info.pieces()), Mode.RUN, false, 100_000).addPeer(SimulatedNetwork.address(FIRST));
        until(Duration.ofSeconds(2), liar::isOpen);
        run(Duration.ofSeconds(1));
        for (int i = 0; i < 6; i++) {
            liar.name(List.of());
            run(Duration.ofSeconds(1));
        }
        assertThat(liar.isClosed).isFalse();
        liar.name(List.of());
        run(Duration.ofSeconds(1));
        assertThat(liar.isClosed).isTrue();
    }

    @Test
    void aPrivateTorrentNeitherNamesNorUsesPeers() throws Exception {
        staysPrivate(new TorrentSpec(
                privateInfo,
                SimulatedNetwork.peerId(OURS),
                List.of(List.of(TRACKER)),
                Resumed.FRESH,
                PieceWish.ALL,
                Mode.RUN));
    }

    @Test
    void aTorrentThatItsOwnerSaysIsPrivateNeitherNamesNorUsesPeers() throws Exception {
        staysPrivate(new TorrentSpec(
                info,
                SimulatedNetwork.peerId(OURS),
                List.of(List.of(TRACKER)),
                Resumed.FRESH,
                PieceWish.ALL,
                Mode.RUN,
                "",
                Limits.NONE,
                true,
                List.of()));
    }

    private void staysPrivate(TorrentSpec spec) throws IOException {
        ScriptedExchanger first = listen(FIRST, spec.info().hash());
        ScriptedExchanger second = listen(SECOND, spec.info().hash());
        tracker.add(TRACKER, SimulatedNetwork.address(FIRST));
        tracker.add(TRACKER, SimulatedNetwork.address(SECOND));
        engine(OURS, 100_000).add(spec, MemoryStore.empty(spec.info().pieces()), new StrictListener());
        until(Duration.ofSeconds(5), () -> first.handshakes.size() + second.handshakes.size() == 2);
        assertThat(first.handshakes.getFirst().ids().of(Extension.PEX)).isZero();
        assertThat(second.handshakes.getFirst().ids().of(Extension.PEX)).isZero();
        first.name(List.of(SimulatedNetwork.address(SEED)));
        run(Duration.ofMinutes(2));

        assertThat(first.isClosed || second.isClosed).isFalse();
        assertThat(first.received).isEmpty();
        assertThat(second.received).isEmpty();
        assertThat(dialled).containsOnly(SimulatedNetwork.address(FIRST), SimulatedNetwork.address(SECOND));
    }

    @Test
    void aMagnetFindsItsMetadataAtAPeerThatAPeerNames() throws Exception {
        ScriptedExchanger first = listen(FIRST, info.hash());
        join(SEED, MemoryStore.of(info.pieces(), content), Mode.SEED, false, 1_000_000);
        resolve(info.hash(), false);
        until(Duration.ofSeconds(5), () -> !first.handshakes.isEmpty());
        assertThat(first.handshakes.getFirst().ids().of(Extension.PEX)).isEqualTo(Extension.PEX.id());
        first.name(List.of(SimulatedNetwork.address(SEED)));

        until(Duration.ofSeconds(5), () -> resolved != null);
        assertThat(resolved).isEqualTo(info.bytes());
        run(Duration.ofMinutes(2));
        assertThat(first.received)
                .as("it names no peer: the torrent may be private")
                .isEmpty();
    }

    @Test
    void aMagnetThatItsOwnerSaysIsPrivateUsesNoPeersOfPeers() throws Exception {
        ScriptedExchanger first = listen(FIRST, info.hash());
        join(SEED, MemoryStore.of(info.pieces(), content), Mode.SEED, false, 1_000_000);
        resolve(info.hash(), true);
        until(Duration.ofSeconds(5), () -> !first.handshakes.isEmpty());
        assertThat(first.handshakes.getFirst().ids().of(Extension.PEX)).isZero();
        first.name(List.of(SimulatedNetwork.address(SEED)));
        run(Duration.ofMinutes(1));
        assertThat(dialled).containsOnly(SimulatedNetwork.address(FIRST));
    }

    @Test
    void withTheMetadataOfAPrivateTorrentThePeersOfPeersAreForgotten() throws Exception {
        ScriptedExchanger first =
                new ScriptedExchanger(FIRST, privateInfo.hash(), privateInfo, List.of(SimulatedNetwork.address(SEED)));
        network.of(FIRST, 1_000_000).listen(SimulatedNetwork.address(FIRST), remote -> first);
        resolve(privateInfo.hash(), false);
        until(Duration.ofSeconds(5), () -> resolved != null);
        run(Duration.ofMinutes(2));
        assertThat(dialled).containsOnly(SimulatedNetwork.address(FIRST));
    }

    @Test
    void siblingsAreNotNamed() throws Exception {
        ScriptedExchanger first = listen(FIRST, info.hash());
        Engine engine = engine(OURS, 100_000);
        TorrentHandle one = sibling(engine, 100);
        sibling(engine, 101);
        run(Duration.ofSeconds(10)); // they connect
        one.addPeer(SimulatedNetwork.address(FIRST));
        until(Duration.ofSeconds(5), () -> !first.handshakes.isEmpty());
        run(Duration.ofMinutes(2));
        assertThat(first.isClosed).isFalse();
        assertThat(first.received).isEmpty();
    }

    private TorrentHandle sibling(Engine engine, int number) {
        return engine.add(
                new TorrentSpec(
                        info, SimulatedNetwork.peerId(number), List.of(), Resumed.FRESH, PieceWish.ALL, Mode.RUN),
                MemoryStore.empty(info.pieces()),
                new StrictListener());
    }

    private void resolve(InfoHash hash, boolean isPrivate) throws IOException {
        engine(OURS, 100_000)
                .resolve(
                        new ResolveSpec(
                                hash,
                                SimulatedNetwork.peerId(OURS),
                                List.of(),
                                List.of(SimulatedNetwork.address(FIRST)),
                                Resumed.FRESH,
                                "",
                                isPrivate),
                        bytes -> resolved = bytes);
    }

    private ScriptedExchanger listen(int host, InfoHash hash) throws IOException {
        ScriptedExchanger peer = new ScriptedExchanger(host, hash);
        InetAddress ours = SimulatedNetwork.address(OURS).getAddress();
        network.of(host, 1_000_000)
                .listen(
                        SimulatedNetwork.address(host),
                        remote -> remote.getAddress().equals(ours) ? peer : new ScriptedExchanger(host, hash));
        return peer;
    }

    private SwarmSnapshot inspect(TorrentHandle torrent) {
        CompletableFuture<SwarmSnapshot> swarm = torrent.inspect(100, 1);
        until(Duration.ofSeconds(1), swarm::isDone);
        return swarm.join();
    }

    private void run(Duration time) {
        simulation.run(time, () -> false);
    }

    private void until(Duration most, BooleanSupplier condition) {
        assertThat(simulation.run(most, condition)).as("within %s", most).isTrue();
    }

    private Engine engine(int host, long bytesPerSecond) throws IOException {
        return new Engine(
                new EngineConfig(
                        List.of(SimulatedNetwork.address(host)),
                        null,
                        SimulatedNetwork.peerId(OTHER_WORKER)::equals,
                        address -> false,
                        EncryptionPolicy.ALLOWED,
                        0,
                        0),
                host == OURS
                        ? new RecordingNetwork(network.of(host, bytesPerSecond), dialled::add)
                        : network.of(host, bytesPerSecond),
                address -> true,
                tracker.from(SimulatedNetwork.address(host).getAddress()),
                simulation.workers,
                simulation.random.split());
    }

    private TorrentHandle join(int host, MemoryStore store, Mode mode, boolean tracked, long bytesPerSecond)
            throws IOException {
        return engine(host, bytesPerSecond)
                .add(
                        new TorrentSpec(
                                info,
                                SimulatedNetwork.peerId(host),
                                tracked ? List.of(List.of(TRACKER)) : List.of(),
                                Resumed.FRESH,
                                PieceWish.ALL,
                                mode),
                        store,
                        new StrictListener() {
                            @Override
                            public void finished() {
                                if (mode == Mode.RUN) {
                                    finished.add(host);
                                }
                            }
                        });
    }
}
