package io.shoal.engine.swarms;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.shoal.bittorrent.PeerId;
import io.shoal.bittorrent.announce.AnnounceEvent;
import io.shoal.bittorrent.announce.AnnounceRequest;
import io.shoal.bittorrent.metainfo.Info;
import io.shoal.bittorrent.wire.Capabilities;
import io.shoal.bittorrent.wire.Handshake;
import io.shoal.bittorrent.wire.PeerWireException;
import io.shoal.egress.Egress;
import io.shoal.engine.EncryptionPolicy;
import io.shoal.engine.EngineConfig;
import io.shoal.engine.PieceWish;
import io.shoal.engine.ResolveHandle;
import io.shoal.engine.ResolveSpec;
import io.shoal.engine.TorrentHandle;
import io.shoal.engine.TorrentSpec;
import io.shoal.engine.TorrentSpec.Limits;
import io.shoal.engine.TorrentSpec.Mode;
import io.shoal.engine.TorrentSpec.Resumed;
import io.shoal.engine.TorrentStats.PeerStats;
import io.shoal.engine.net.Connection;
import io.shoal.engine.net.ConnectionHandler;
import io.shoal.engine.obfuscation.PeerEncryption;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * More torrents with one info-hash than an engine has ports: they share ports, and each passes on to the others what it
 * gets.
 */
class SiblingsTest {
    private static final int SEED = 1;
    private static final int OURS = 2;
    private static final int OTHER_WORKER = 3;
    private static final int STRANGER = 4;
    private static final int PORTS = 4;
    private static final int PIECE = 32 << 10;
    private static final int LENGTH = 8 << 20;
    private static final long SEED_RATE = 256 << 10;
    private static final String TRACKER = "http://tracker.invalid/announce";
    private static final String OTHER_TRACKER = "http://other.invalid/announce";

    private final Simulation simulation = new Simulation(17);
    private final SimulatedNetwork network = new SimulatedNetwork(simulation);
    private final SimulatedTracker tracker = new SimulatedTracker(simulation);
    private final byte[] content = RandomContent.bytes(LENGTH, 17);
    private final Set<Engine> ourEngines = new HashSet<>();
    private final Set<PeerId> ours = new HashSet<>();
    private int ids;
    private int finished;

    @Test
    void allCompleteAndTheSeedUploadsLittleMoreThanOneCopy() throws Exception {
        Info info = RandomContent.torrent(content, PIECE, false);
        TorrentHandle seed = seed(info, SEED_RATE);
        Engine engine = engine(OURS, PORTS, onlyTo(SEED), 0);
        List<MemoryStore> stores = new ArrayList<>();
        for (int i = 0; i < 16; i++) {
            stores.add(MemoryStore.empty(info.pieces()));
            join(engine, info, stores.getLast(), TRACKER, Mode.RUN);
        }

        assertAllFinish(16, seed);
        stores.forEach(store -> assertThat(store.content).isEqualTo(content));
    }

    @Test
    void aSiblingThatMayHardlyUploadDelaysNoOther() throws Exception {
        Info info = RandomContent.torrent(content, PIECE, false);
        seed(info, SEED_RATE);
        Engine engine = engine(OURS, PORTS, onlyTo(SEED), 0);
        MemoryStore complete = MemoryStore.of(info.pieces(), content);
        join(engine, info, complete, TRACKER, Mode.SEED, new Limits(0, 1));
        for (int i = 0; i < 4; i++) {
            join(engine, info, MemoryStore.empty(info.pieces()), TRACKER, Mode.RUN);
        }

        Duration oneCopy = Duration.ofSeconds(LENGTH / SEED_RATE);
        assertThat(simulation.run(oneCopy.plusSeconds(12), () -> finished == 4)).isTrue();
    }

    @Test
    void thoseOfTwoWorkersCompleteTogether() throws Exception {
        Info info = RandomContent.torrent(content, PIECE, false);
        TorrentHandle seed = seed(info, SEED_RATE);
        Engine one = engine(OURS, PORTS, address -> true, 0);
        Engine other = engine(OTHER_WORKER, PORTS, address -> true, 0);
        for (int i = 0; i < 8; i++) {
            join(one, info, MemoryStore.empty(info.pieces()), TRACKER, Mode.RUN);
            join(other, info, MemoryStore.empty(info.pieces()), TRACKER, Mode.RUN);
        }

        assertAllFinish(16, seed);
    }

    @Test
    void piecesOfAnotherWorkerAreTakenFromItAndItIsNotShown() throws Exception {
        Info info = RandomContent.torrent(content, PIECE, false);
        TorrentHandle seed = seed(info, SEED_RATE);
        Engine one = engine(OURS, PORTS, address -> true, 0, new OneAtATime(Duration.ofMillis(20)));
        Engine other = engine(OTHER_WORKER, PORTS, address -> true, 0, new OneAtATime(Duration.ofMillis(20)));
        List<TorrentHandle> torrents = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            torrents.add(join(one, info, MemoryStore.empty(info.pieces()), TRACKER, Mode.RUN));
            torrents.add(join(other, info, MemoryStore.empty(info.pieces()), TRACKER, Mode.RUN));
        }
        assertThat(simulation.run(Duration.ofSeconds(20), () -> false)).isFalse();
        for (TorrentHandle each : torrents) {
            assertThat(hosts(each)).isSubsetOf(ip(SEED));
        }
        assertThat(simulation.run(Duration.ofMinutes(5), () -> finished == 16)).isTrue();
        assertThat(seed.stats().uploaded()).isLessThanOrEqualTo(LENGTH / 4 * 5);
    }

    /** What keeps up with nothing makes pieces late at siblings, which are not to fetch them from the seed meanwhile. */
    @Test
    void onABusyMachineTheSeedUploadsNoMore() throws Exception {
        Info info = RandomContent.torrent(content, PIECE, false);
        TorrentHandle seed = seed(info, SEED_RATE);
        Engine engine = engine(OURS, PORTS, onlyTo(SEED), 0, new OneAtATime(Duration.ofMillis(15)));
        for (int i = 0; i < 16; i++) {
            join(engine, info, MemoryStore.empty(info.pieces()), TRACKER, Mode.RUN);
        }
        assertThat(simulation.run(Duration.ofMinutes(5), () -> finished == 16)).isTrue();
        assertThat(Duration.ofNanos(simulation.now())).isGreaterThan(Duration.ofSeconds(3 * LENGTH / SEED_RATE / 2));
        assertThat(seed.stats().uploaded()).isLessThanOrEqualTo(LENGTH / 4 * 5);
    }

    /** A thread that takes so long for each task. */
    private final class OneAtATime implements Executor {
        private final Duration each;
        private long freeAt;

        OneAtATime(Duration each) {
            this.each = each;
        }

        @Override
        public void execute(Runnable task) {
            freeAt = Math.max(freeAt, simulation.now()) + each.toNanos();
            simulation.after(Duration.ofNanos(freeAt - simulation.now()), task);
        }
    }

    /** All complete within 1.25 times the time of one copy, and some seconds for connecting; the seed gives at most 1.25 copies. */
    private void assertAllFinish(int count, TorrentHandle seed) {
        Duration one = Duration.ofSeconds(LENGTH / SEED_RATE);
        boolean all = simulation.run(one.multipliedBy(5).dividedBy(4), () -> finished == count);
        assertThat(all).as("%d of %d complete", finished, count).isTrue();
        simulation.run(Duration.ofSeconds(2), () -> false);
        assertThat(seed.stats().uploaded()).isLessThanOrEqualTo(LENGTH / 4 * 5);
    }

    @Test
    void aTenantDoesNotSeeThatThereAreSiblings() throws Exception {
        Info info = RandomContent.torrent(content, PIECE, false);
        seed(info, SEED_RATE);
        Engine engine = engine(OURS, PORTS, address -> true, 0);
        List<TorrentHandle> torrents = new ArrayList<>();
        for (int i = 0; i < 6; i++) {
            torrents.add(join(engine, info, MemoryStore.empty(info.pieces()), TRACKER, Mode.RUN));
        }
        simulation.run(Duration.ofSeconds(20), () -> false);
        for (TorrentHandle each : torrents) {
            assertThat(hosts(each)).isSubsetOf(ip(SEED));
            assertThat(each.stats().downloaded()).isPositive();
        }
    }

    @Test
    void payloadBetweenSiblingsCountsAgainstTheRateLimits() throws Exception {
        Info info = RandomContent.torrent(content, PIECE, false);
        Engine engine = engine(OURS, PORTS, address -> true, SEED_RATE);
        join(engine, info, MemoryStore.of(info.pieces(), content), TRACKER, Mode.SEED);
        join(engine, info, MemoryStore.empty(info.pieces()), TRACKER, Mode.RUN);
        Duration atRate = Duration.ofSeconds(LENGTH / SEED_RATE);
        assertThat(simulation.run(atRate.multipliedBy(9).dividedBy(10), () -> finished == 1))
                .isFalse();
        assertThat(simulation.run(atRate, () -> finished == 1)).isTrue();
    }

    @Test
    void privateOnesHaveNothingToDoWithOneAnother() throws Exception {
        Info info = RandomContent.torrent(content, PIECE, true);
        seed(info, 16 * SEED_RATE);
        Engine elsewhere = engine(STRANGER, 1, address -> true, 0);
        TorrentHandle leech = join(elsewhere, info, MemoryStore.empty(info.pieces()), OTHER_TRACKER, Mode.RUN);
        Engine engine = engine(OURS, 2, address -> true, 0);
        List<TorrentHandle> ones = new ArrayList<>();
        List<TorrentHandle> others = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            ones.add(join(engine, info, MemoryStore.empty(info.pieces()), TRACKER, Mode.RUN));
            others.add(join(engine, info, MemoryStore.empty(info.pieces()), OTHER_TRACKER, Mode.RUN));
        }
        Set<InetAddress> met = new HashSet<>();
        Set<InetAddress> othersMet = new HashSet<>();
        Set<InetAddress> leechMet = new HashSet<>();
        boolean done = simulation.run(Duration.ofMinutes(5), () -> {
            ones.forEach(each -> met.addAll(hosts(each)));
            others.forEach(each -> othersMet.addAll(hosts(each)));
            leechMet.addAll(hosts(leech));
            return finished == ones.size();
        });
        assertThat(done).as("those that have a seed complete").isTrue();
        assertThat(met).isEqualTo(Set.of(ip(SEED)));
        assertThat(othersMet).isEqualTo(Set.of(ip(STRANGER)));
        assertThat(leechMet).isEqualTo(Set.of(ip(OURS)));
        assertThat(others).allMatch(each -> each.stats().downloaded() == 0);
        assertThat(leech.stats().downloaded()).isZero();
    }

    @Test
    void aPrivateOneTakesAPeerOnASharedPortOnlyIfItsTrackerNamedIt() throws Exception {
        Info info = RandomContent.torrent(content, PIECE, true);
        Engine engine = engine(OURS, 1, address -> true, 0);
        TorrentHandle alone = join(engine, info, MemoryStore.empty(info.pieces()), TRACKER, Mode.RUN);
        simulation.run(Duration.ofSeconds(1), () -> false);
        assertThat(visit(info, 0).welcome()).as("on a port of its own").isNotNull();
        join(engine, info, MemoryStore.empty(info.pieces()), OTHER_TRACKER, Mode.RUN);
        simulation.run(Duration.ofSeconds(1), () -> false);
        Visitor outsider = visit(info, 0);
        assertThat(outsider.welcome()).as("on a shared port").isNull();
        assertThat(outsider.closed).isTrue();

        // A peer of its tracker is let in, and it is that torrent's.
        tracker.from(ip(STRANGER)).announce(TRACKER, announce(info, 6881), simulation.loop, outcome -> {});
        simulation.run(Duration.ofMinutes(1), () -> false);
        assertThat(visit(info, 0).welcome()).isEqualTo(SimulatedNetwork.peerId(1));
        assertThat(hosts(alone)).containsExactly(ip(STRANGER));
    }

    /** The peer id is not known when an encrypted handshake is answered, so an outsider must not be answered at all. */
    @Test
    void aPrivateOneOnASharedPortAnswersAnEncryptedHandshakeOnlyIfItsTrackerNamedThePeer() throws Exception {
        Info info = RandomContent.torrent(content, PIECE, true);
        Engine engine = engine(OURS, 1, address -> true, 0);
        join(engine, info, MemoryStore.empty(info.pieces()), TRACKER, Mode.RUN);
        simulation.run(Duration.ofSeconds(1), () -> false);
        PeerEncryption alone = encryption();
        assertThat(visit(info, 0, alone).welcome()).as("on a port of its own").isNotNull();
        join(engine, info, MemoryStore.empty(info.pieces()), OTHER_TRACKER, Mode.RUN);
        simulation.run(Duration.ofSeconds(1), () -> false);
        PeerEncryption outside = encryption();
        Visitor outsider = visit(info, 0, outside);
        assertThat(outsider.welcome()).as("on a shared port").isNull();
        assertThat(outsider.closed).isTrue();
        assertThat(outside.counters()).isEqualTo(new PeerEncryption.Counters(0, 0, 1, 0));

        tracker.from(ip(STRANGER)).announce(TRACKER, announce(info, 6881), simulation.loop, outcome -> {});
        simulation.run(Duration.ofMinutes(1), () -> false);
        assertThat(visit(info, 0, encryption()).welcome()).isEqualTo(SimulatedNetwork.peerId(1));
    }

    private PeerEncryption encryption() {
        return new PeerEncryption(
                EncryptionPolicy.REQUIRED, simulation.workers, bytes -> simulation.random.nextBytes(bytes));
    }

    @Test
    void anIncomingPeerIsForThePublicTorrentThatHasTheFewest() throws Exception {
        Info info = RandomContent.torrent(content, PIECE, false);
        Engine engine = engine(OURS, 1, address -> true, 0);
        List<PeerId> all = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            join(engine, info, MemoryStore.empty(info.pieces()), TRACKER, Mode.RUN);
            all.add(SimulatedNetwork.peerId(ids));
        }
        TorrentHandle paused = join(engine, info, MemoryStore.empty(info.pieces()), TRACKER, Mode.STOP);
        simulation.run(Duration.ofSeconds(1), () -> false);
        List<PeerId> welcomes = new ArrayList<>();
        for (int i = 0; i < 6; i++) {
            welcomes.add(visit(info, 0).welcome());
        }
        assertThat(welcomes.subList(0, 3)).containsExactlyInAnyOrderElementsOf(all);
        assertThat(welcomes.subList(3, 6)).containsExactlyInAnyOrderElementsOf(all);
        assertThat(hosts(paused)).isEmpty();

        // Those that come in one moment are shared out as well.
        List<Visitor> together =
                IntStream.range(0, 3).mapToObj(i -> dial(info, 0)).toList();
        simulation.run(Duration.ofSeconds(1), () -> false);
        assertThat(together).extracting(Visitor::welcome).containsExactlyInAnyOrderElementsOf(all);
    }

    @Test
    void portsAreTakenInTurnAndUsedAgain() throws Exception {
        Info info = RandomContent.torrent(content, PIECE, false);
        Engine engine = engine(OURS, 2, address -> true, 0);
        List<TorrentHandle> torrents = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            torrents.add(join(engine, info, MemoryStore.empty(info.pieces()), TRACKER, Mode.RUN));
            simulation.run(Duration.ofSeconds(1), () -> false);
        }
        assertThat(announcedPorts()).containsExactly(6881, 6882, 6881, 6882);

        var _ = torrents.get(1).close(true);
        var _ = torrents.get(3).close(true);
        simulation.run(Duration.ofSeconds(1), () -> false);
        tracker.announces.clear();
        join(engine, info, MemoryStore.empty(info.pieces()), TRACKER, Mode.RUN);
        PeerId newcomer = SimulatedNetwork.peerId(ids);
        simulation.run(Duration.ofSeconds(1), () -> false);
        assertThat(announcedPorts()).containsExactly(6882);
        assertThat(visit(info, 1).welcome()).isEqualTo(newcomer);
    }

    @Test
    void onlyTheLastTorrentOfAPortAnnouncesStopped() throws Exception {
        Info info = RandomContent.torrent(content, PIECE, false);
        Engine engine = engine(OURS, 1, address -> true, 0);
        TorrentHandle first = join(engine, info, MemoryStore.empty(info.pieces()), TRACKER, Mode.RUN);
        TorrentHandle second = join(engine, info, MemoryStore.empty(info.pieces()), TRACKER, Mode.RUN);
        simulation.run(Duration.ofSeconds(2), () -> false);
        tracker.announces.clear();

        var _ = first.close(true);
        Duration closedAt = Duration.ofNanos(simulation.now());
        simulation.run(Duration.ofSeconds(9), () -> false);
        assertThat(tracker.announces)
                .extracting(SimulatedTracker.ReceivedAnnounce::event)
                .containsExactly(AnnounceEvent.NONE);
        assertThat(tracker.announces.getFirst().at().minus(closedAt))
                .as("at the minimum, not at the interval")
                .isLessThan(Duration.ofSeconds(9));
        assertThat(tracker.swarm(TRACKER)).hasSize(1);

        tracker.announces.clear();
        second.setMode(Mode.STOP);
        simulation.run(Duration.ofSeconds(1), () -> false);
        assertThat(tracker.announces)
                .extracting(SimulatedTracker.ReceivedAnnounce::event)
                .containsExactly(AnnounceEvent.STOPPED);
        assertThat(tracker.swarm(TRACKER)).isEmpty();
    }

    @Test
    void magnetsShareAPortToo() throws Exception {
        Info info = RandomContent.torrent(content, PIECE, false);
        Engine engine = engine(OURS, 1, address -> true, 0);
        for (int i = 0; i < 3; i++) {
            join(engine, info, MemoryStore.empty(info.pieces()), TRACKER, Mode.RUN);
        }
        byte[][] resolved = new byte[1][];
        ResolveHandle resolution = engine.resolve(
                new ResolveSpec(
                        info.hash(),
                        SimulatedNetwork.peerId(++ids),
                        List.of(List.of(TRACKER)),
                        List.of(),
                        Resumed.FRESH,
                        ""),
                bytes -> resolved[0] = bytes);
        simulation.run(Duration.ofSeconds(1), () -> false);
        assertThat(announcedPorts()).containsExactly(6881, 6881, 6881, 6881);

        seed(info, SEED_RATE);
        assertThat(simulation.run(Duration.ofMinutes(1), () -> resolved[0] != null))
                .isTrue();
        assertThat(resolved[0]).isEqualTo(info.bytes());
        assertThat(resolution.close(true)).isNotNull();
    }

    private List<Integer> announcedPorts() {
        return tracker.announces.stream()
                .filter(announce -> announce.from().getAddress().equals(ip(OURS)))
                .map(announce -> announce.from().getPort())
                .toList();
    }

    private static Set<InetAddress> hosts(TorrentHandle torrent) {
        return torrent.stats().peers().stream()
                .map(PeerStats::address)
                .map(InetSocketAddress::getAddress)
                .collect(Collectors.toSet());
    }

    private static InetAddress ip(int host) {
        return SimulatedNetwork.address(host).getAddress();
    }

    private static Egress onlyTo(int host) {
        return address -> address.equals(ip(host));
    }

    private static AnnounceRequest announce(Info info, int port) {
        return new AnnounceRequest(
                info.hash(), SimulatedNetwork.peerId(99), 0, port, 0, 0, 0, AnnounceEvent.STARTED, 0, null, null);
    }

    private TorrentHandle seed(Info info, long rate) throws IOException {
        return join(
                engine(SEED, 1, address -> true, rate),
                info,
                MemoryStore.of(info.pieces(), content),
                TRACKER,
                Mode.SEED);
    }

    private Engine engine(int host, int ports, Egress egress, long upLimit) throws IOException {
        return engine(host, ports, egress, upLimit, simulation.workers);
    }

    private Engine engine(int host, int ports, Egress egress, long upLimit, Executor workers) throws IOException {
        List<InetSocketAddress> listen = IntStream.range(0, ports)
                .mapToObj(port -> SimulatedNetwork.address(host, port))
                .toList();
        boolean isWorker = host == OURS || host == OTHER_WORKER;
        Engine engine = new Engine(
                new EngineConfig(
                        listen,
                        null,
                        peer -> isWorker && isOurs(peer),
                        address -> true,
                        EncryptionPolicy.ALLOWED,
                        0,
                        upLimit),
                network.of(host, 20_000_000),
                egress,
                tracker.from(ip(host)),
                workers,
                simulation.random.split());
        if (isWorker) {
            ourEngines.add(engine);
        }
        return engine;
    }

    private boolean isOurs(PeerId peer) {
        return ours.contains(peer);
    }

    private TorrentHandle join(Engine engine, Info info, MemoryStore store, String url, Mode mode) {
        return join(engine, info, store, url, mode, Limits.NONE);
    }

    private TorrentHandle join(Engine engine, Info info, MemoryStore store, String url, Mode mode, Limits limits) {
        PeerId id = SimulatedNetwork.peerId(++ids);
        if (ourEngines.contains(engine)) {
            ours.add(id);
        }
        return engine.add(
                new TorrentSpec(info, id, List.of(List.of(url)), Resumed.FRESH, PieceWish.ALL, mode, "", limits),
                store,
                new StrictListener() {
                    @Override
                    public void finished() {
                        finished += mode == Mode.RUN ? 1 : 0;
                    }
                });
    }

    /** Dials one of our ports from a host that is in no swarm, and waits for what happens. */
    private Visitor visit(Info info, int port) {
        Visitor visitor = dial(info, port);
        simulation.run(Duration.ofSeconds(1), () -> false);
        return visitor;
    }

    /** The same, with an encrypted handshake. */
    private Visitor visit(Info info, int port, PeerEncryption encryption) {
        Visitor visitor = visitor(info);
        network.of(STRANGER, 1_000_000)
                .connect(
                        simulation.loop,
                        SimulatedNetwork.address(OURS, port),
                        encryption.outgoing(info.hash(), false, visitor));
        simulation.run(Duration.ofSeconds(1), () -> false);
        return visitor;
    }

    private Visitor visitor(Info info) {
        return new Visitor(new Handshake(info.hash(), SimulatedNetwork.peerId(1_000 + ++ids), Capabilities.NONE));
    }

    private Visitor dial(Info info, int port) {
        Visitor visitor = visitor(info);
        network.of(STRANGER, 1_000_000).connect(simulation.loop, SimulatedNetwork.address(OURS, port), visitor);
        return visitor;
    }

    /** Says its handshake and keeps the answer. */
    private static final class Visitor implements ConnectionHandler {
        private final Handshake ours;
        private final ByteBuf received = Unpooled.buffer();
        private boolean closed;

        Visitor(Handshake ours) {
            this.ours = ours;
        }

        /** The peer id that answered; null if there was no answer. */
        @Nullable
        PeerId welcome() {
            try {
                return received.readableBytes() < Handshake.LENGTH
                        ? null
                        : Handshake.decode(received.duplicate()).peerId();
            } catch (PeerWireException e) {
                throw new AssertionError(e);
            }
        }

        @Override
        public void opened(Connection connection) {
            ByteBuf out = Unpooled.buffer();
            ours.encode(out);
            connection.write(out);
            connection.flush();
        }

        @Override
        public void received(ByteBuf bytes) {
            received.writeBytes(bytes);
        }

        @Override
        public void writabilityChanged() {}

        @Override
        public void closed() {
            closed = true;
        }
    }
}
