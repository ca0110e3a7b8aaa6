package io.shoal.engine.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.shoal.bittorrent.PeerId;
import io.shoal.engine.EncryptionPolicy;
import io.shoal.engine.EngineConfig;
import io.shoal.engine.announce.TrackerClient;
import io.shoal.engine.choking.UploadSlots;
import io.shoal.engine.dialing.DialPace;
import io.shoal.engine.limits.Backlog;
import io.shoal.engine.limits.EngineLimits;
import io.shoal.engine.limits.RateTree;
import io.shoal.engine.limits.Seats;
import io.shoal.engine.metadata.MetadataBudget;
import io.shoal.engine.net.ConnectionHandler;
import io.shoal.engine.net.Datagrams;
import io.shoal.engine.net.Loop;
import io.shoal.engine.net.ManualLoop;
import io.shoal.engine.net.Network;
import io.shoal.engine.obfuscation.PeerEncryption;
import io.shoal.engine.webseeds.RangeClient;
import io.shoal.engine.webseeds.WebServers;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ConnectionSlotsTest {
    private final ManualLoop loop = new ManualLoop();
    private final Set<InetAddress> banned = new HashSet<>();
    private final List<InetSocketAddress> dialled = new ArrayList<>();

    @Test
    void withoutAFreeEngineSlotAnAddressIsDialledLater() {
        Seats seats = new Seats(2);
        List<Seats.Share> others = List.of(seats.join("", loop, () -> {}), seats.join("", loop, () -> {}));
        others.forEach(other -> assertThat(other.tryTake()).isTrue());
        ConnectionSlots slots = slots(seats);
        List<InetSocketAddress> two = hosts(2);
        slots.addCandidates(two);
        ticks(slots, 10);
        assertThat(dialled).isEmpty();
        assertThat(seats.taken()).isEqualTo(2);

        others.getFirst().release();
        ticks(slots, 1);
        assertThat(dialled).isEqualTo(two.subList(0, 1));

        others.getLast().release();
        ticks(slots, 1);
        assertThat(dialled).isEqualTo(two);
    }

    @Test
    void anAddressAtItsLimitBlocksNoOtherAndIsDialledWhenAPeerLeaves() {
        ConnectionSlots slots = slots(new Seats(EngineLimits.PEERS_PER_ENGINE));
        InetAddress busyHost = InetAddress.ofLiteral("198.51.100.200");
        List<InetSocketAddress> ofOne = IntStream.rangeClosed(0, EngineLimits.PEERS_PER_ADDRESS)
                .mapToObj(i -> new InetSocketAddress(busyHost, 6881 + i))
                .toList();
        List<InetSocketAddress> others = hosts(2);
        slots.addCandidates(ofOne);
        slots.addCandidates(others);
        ticks(slots, 1);
        assertThat(dialled)
                .containsAll(ofOne.subList(0, EngineLimits.PEERS_PER_ADDRESS))
                .containsAll(others)
                .doesNotContain(ofOne.getLast());

        slots.release(busyHost);
        ticks(slots, 1);
        assertThat(dialled.getLast()).isEqualTo(ofOne.getLast());
    }

    @Test
    void idleAddressesAreDialledAgainExceptTheOldestAndBannedOnes() {
        ConnectionSlots slots = slots(new Seats(EngineLimits.PEERS_PER_ENGINE));
        List<InetSocketAddress> many = hosts(EngineLimits.IDLE_ADDRESSES + 1);
        many.forEach(slots::rememberIdle);
        ticks(slots, 1);
        assertThat(dialled).isEmpty();

        banned.add(many.get(2).getAddress());
        slots.recallIdle();
        ticks(slots, 5);
        assertThat(dialled).hasSize(EngineLimits.IDLE_ADDRESSES - 1).doesNotContain(many.get(0), many.get(2));
    }

    @Test
    void addressesThatMustNotBeDialledDoNotCountAsCandidates() {
        ConnectionSlots slots = slots(new Seats(EngineLimits.PEERS_PER_ENGINE));
        assertThat(slots.hasBecomeIsolated()).isTrue();
        List<InetSocketAddress> two = hosts(2);
        slots.addCandidates(two);
        banned.add(two.getFirst().getAddress());
        assertThat(slots.hasBecomeIsolated()).isFalse();
        banned.add(two.getLast().getAddress());
        assertThat(slots.hasBecomeIsolated()).isTrue();
    }

    private void ticks(ConnectionSlots slots, int count) {
        for (int i = 0; i < count; i++) {
            slots.dialMore();
            loop.turn(Duration.ofSeconds(1));
        }
    }

    /** Slots whose dials succeed at once. */
    private ConnectionSlots slots(Seats seats) {
        ConnectionSlots slots = new ConnectionSlots(
                engine(seats),
                new GuardedLoop(loop, cause -> {
                    throw new AssertionError(cause);
                }),
                "",
                new Presence(PeerId.of(new byte[20]), false, 6881, new InetSocketAddress(0)),
                banned::contains,
                () -> EngineLimits.DIAL_BELOW,
                () -> false);
        slots.connectWith((candidate, outcome) -> {
            dialled.add(candidate.address());
            assertThat(outcome.dialSucceeded(candidate)).isTrue();
        });
        return slots;
    }

    private static List<InetSocketAddress> hosts(int count) {
        return IntStream.rangeClosed(1, count)
                .mapToObj(i -> new InetSocketAddress(InetAddress.ofLiteral("198.51.100." + i), 6881))
                .toList();
    }

    private EngineContext engine(Seats seats) {
        TrackerClient noTrackers = (url, request, on, done) -> {};
        return new EngineContext(
                new EngineConfig(List.of(), null, address -> false, 0, 0),
                new NoNetwork(),
                new PeerEncryption(EncryptionPolicy.ALLOWED, loop, bytes -> {}),
                address -> true,
                noTrackers,
                loop,
                new RateTree(loop, 0),
                new RateTree(loop, 0),
                new Backlog(),
                new MetadataBudget(MetadataBudget.BYTES_MAX),
                new UploadSlots(100),
                seats,
                new DialPace(loop),
                new AtomicInteger(),
                Set.of(),
                new WebServers(RangeClient.NONE));
    }

    /** Dials are requested from the caller; no connection is opened. */
    private static final class NoNetwork implements Network {
        @Override
        public List<? extends Loop> loops() {
            return List.of();
        }

        @Override
        public void connect(Loop loop, InetSocketAddress remote, ConnectionHandler handler) {
            throw new AssertionError();
        }

        @Override
        public InetSocketAddress listen(
                InetSocketAddress local, Function<InetSocketAddress, ConnectionHandler> accept) {
            throw new AssertionError();
        }

        @Override
        public Datagrams bind(Loop loop, InetSocketAddress local, Datagrams.Receiver receiver) {
            throw new AssertionError();
        }

        @Override
        public void close() {}
    }
}
