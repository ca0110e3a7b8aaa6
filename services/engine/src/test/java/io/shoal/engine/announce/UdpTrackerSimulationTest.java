package io.shoal.engine.announce;

import static io.shoal.engine.announce.UdpTracker.ANNOUNCE;
import static io.shoal.engine.announce.UdpTracker.CONNECT;
import static io.shoal.engine.announce.UdpTracker.announced;
import static io.shoal.engine.announce.UdpTracker.connected;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.shoal.bittorrent.announce.AnnounceEvent;
import io.shoal.bittorrent.announce.AnnounceRequest;
import io.shoal.engine.announce.TrackerClient.AnnounceResult;
import io.shoal.engine.announce.TrackerClient.Answered;
import io.shoal.engine.announce.TrackerClient.Codes;
import io.shoal.engine.announce.TrackerClient.Failed;
import io.shoal.engine.announce.UdpTracker.Packet;
import io.shoal.engine.net.DatagramPort;
import io.shoal.engine.net.Datagrams;
import io.shoal.engine.net.ManualLoop;
import io.shoal.engine.net.SimulatedDatagrams;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Announces over a simulated network and clock: loss, silence, and both address families. */
class UdpTrackerSimulationTest {
    private static final InetAddress OUR_V4 = InetAddress.ofLiteral("192.0.2.7");
    private static final InetAddress OUR_V6 = InetAddress.ofLiteral("2001:db8::7");
    private static final InetAddress V4 = InetAddress.ofLiteral("198.51.100.1");
    private static final InetAddress OTHER_V4 = InetAddress.ofLiteral("198.51.100.2");
    private static final InetAddress V6 = InetAddress.ofLiteral("2001:db8:1::1");
    private static final int PORT = 6881;
    private static final int TRACKER_PORT = 2710;
    private static final String URL = "udp://tracker.test:2710/announce";

    private final ManualLoop loop = new ManualLoop();
    private final SplittableRandom random = new SplittableRandom(1);
    private final SimulatedDatagrams network = new SimulatedDatagrams(loop, random);
    private final Map<String, List<InetAddress>> names = new HashMap<>();
    private final List<AnnounceResult> results = new ArrayList<>();

    /** A tracker at one address, and what it has received. */
    private final class Tracker {
        final List<Packet> packets = new ArrayList<>();
        final List<Duration> times = new ArrayList<>();
        private final Datagrams socket;
        private final byte[] peer;
        boolean silent;
        String refusal = "";

        Tracker(InetAddress host) throws IOException {
            peer = host.getAddress();
            peer[peer.length - 1] = 99;
            socket = network.bind(loop, new InetSocketAddress(host, TRACKER_PORT), this::received);
        }

        private void received(ByteBuf bytes, InetSocketAddress from) {
            Packet packet = Packet.of(ByteBufUtil.getBytes(bytes), from);
            packets.add(packet);
            times.add(loop.now());
            if (!silent) {
                byte[] reply = packet.action() == CONNECT
                        ? connected(packet.transaction(), 77)
                        : refusal.isEmpty()
                                ? announced(packet.transaction(), peer)
                                : UdpTracker.refused(packet.transaction(), refusal);
                socket.send(Unpooled.wrappedBuffer(reply), from);
            }
        }

        List<Integer> actions() {
            return packets.stream().map(Packet::action).toList();
        }

        InetSocketAddress namedPeer() {
            try {
                return new InetSocketAddress(InetAddress.getByAddress(peer), 80);
            } catch (IOException e) {
                throw new AssertionError(e);
            }
        }
    }

    private UdpTrackerClient client(InetAddress... ours) throws IOException {
        return clientAt(PORT, ours);
    }

    private UdpTrackerClient clientAt(int number, InetAddress... ours) throws IOException {
        List<InetSocketAddress> locals = new ArrayList<>();
        for (InetAddress each : ours) {
            locals.add(new InetSocketAddress(each, number));
        }
        return new UdpTrackerClient(
                DatagramPort.open(network, loop, locals),
                address -> true,
                (host, executor, found) -> executor.execute(() -> found.accept(names.getOrDefault(host, List.of()))),
                random.split());
    }

    private void announce(UdpTrackerClient client) {
        announce(client, null);
    }

    private void announce(UdpTrackerClient client, @Nullable String ownAddress) {
        AnnounceRequest some = TrackerCalls.request(TrackerCalls.HASH, PORT, 0, AnnounceEvent.NONE);
        client.announce(
                URL,
                new AnnounceRequest(
                        some.infoHash(), some.peerId(), 1, PORT, 0, 0, 0, some.event(), 50, ownAddress, null),
                loop,
                results::add);
    }

    private List<InetSocketAddress> peers() {
        List<InetSocketAddress> all = new ArrayList<>();
        for (AnnounceResult result : results) {
            if (result instanceof Answered(var reply)) {
                all.addAll(reply.peers());
            }
        }
        return all;
    }

    @Test
    void aSilentTrackerIsAskedThreeTimesWithDoubledWaits() throws Exception {
        names.put("tracker.test", List.of(V4));
        Tracker tracker = new Tracker(V4);
        tracker.silent = true;
        announce(client(OUR_V4));
        loop.turn(Duration.ofMinutes(1));
        assertThat(results).isEmpty();
        loop.turn(Duration.ofMinutes(5));
        assertThat(results).containsExactly(Failed.of(Codes.TIMEOUT));
        assertThat(tracker.actions()).containsExactly(CONNECT, CONNECT, CONNECT);
        assertThat(tracker.times.get(1).minus(tracker.times.get(0))).isBetween(seconds(14.9), seconds(15.1));
        assertThat(tracker.times.get(2).minus(tracker.times.get(1))).isBetween(seconds(29.9), seconds(30.1));
    }

    private static Duration seconds(double seconds) {
        return Duration.ofNanos((long) (seconds * 1e9));
    }

    @Test
    void whatIsLostIsSentAgain() throws Exception {
        names.put("tracker.test", List.of(V4));
        new Tracker(V4);
        UdpTrackerClient client = client(OUR_V4);
        network.setLoss(0.25);
        for (int i = 0; i < 100; i++) {
            announce(client);
            loop.turn(Duration.ofMinutes(4));
        }
        // A packet and its reply arrive in 56 of 100 cases, and one of three tries in 91; two are needed.
        assertThat(results).hasSize(100);
        assertThat(peers()).hasSizeBetween(65, 100);
    }

    @Test
    void theNextAddressOfTheFamilyIsTried() throws Exception {
        names.put("tracker.test", List.of(OTHER_V4, V4));
        Tracker tracker = new Tracker(V4);
        announce(client(OUR_V4));
        loop.turn(Duration.ofSeconds(14));
        assertThat(results).isEmpty();
        loop.turn(Duration.ofSeconds(2));
        assertThat(peers()).containsExactly(tracker.namedPeer());
    }

    @Test
    void aConnectionIdIsNotUsedForLongerThanAMinute() throws Exception {
        names.put("tracker.test", List.of(V4));
        Tracker tracker = new Tracker(V4);
        UdpTrackerClient client = client(OUR_V4);
        announce(client);
        loop.turn(Duration.ofSeconds(50));
        announce(client);
        loop.turn(Duration.ofSeconds(20));
        announce(client);
        loop.turn(Duration.ofSeconds(20));
        assertThat(tracker.actions()).containsExactly(CONNECT, ANNOUNCE, ANNOUNCE, CONNECT, ANNOUNCE);
        assertThat(peers()).hasSize(3);
    }

    @Test
    void bothFamiliesAreAnnouncedToAndTheirPeersFound() throws Exception {
        names.put("tracker.test", List.of(V4, V6));
        Tracker v4 = new Tracker(V4);
        Tracker v6 = new Tracker(V6);
        announce(client(OUR_V4, OUR_V6), "203.0.113.5");
        loop.turn(Duration.ofSeconds(5));
        assertThat(peers()).containsExactlyInAnyOrder(v4.namedPeer(), v6.namedPeer());
        assertThat(v4.packets).extracting(Packet::from).containsOnly(new InetSocketAddress(OUR_V4, PORT));
        assertThat(v6.packets).extracting(Packet::from).containsOnly(new InetSocketAddress(OUR_V6, PORT));
        assertThat(addressField(v4)).containsExactly((byte) 203, 0, 113, 5);
        assertThat(addressField(v6)).as("has no meaning over IPv6").containsExactly(0, 0, 0, 0);
    }

    private static byte[] addressField(Tracker tracker) {
        return Arrays.copyOfRange(tracker.packets.getLast().bytes().array(), 84, 88);
    }

    /** A tracker would publish an address at which nothing listens. */
    @Test
    void aFamilyThatIsNotListenedOnIsNotAnnouncedTo() throws Exception {
        names.put("tracker.test", List.of(V4, V6));
        Tracker v4 = new Tracker(V4);
        Tracker v6 = new Tracker(V6);
        announce(client(OUR_V4));
        loop.turn(Duration.ofMinutes(5));
        assertThat(peers()).containsExactly(v4.namedPeer());
        assertThat(v6.packets).isEmpty();

        results.clear();
        names.put("tracker.test", List.of(V6));
        announce(clientAt(PORT + 1, OUR_V4));
        loop.turn(Duration.ofSeconds(1));
        assertThat(results).containsExactly(Failed.of(Codes.UNREACHABLE));
    }

    @Test
    void theTrackerWorksIfItWorksOverOneFamily() throws Exception {
        names.put("tracker.test", List.of(V4, V6));
        Tracker v4 = new Tracker(V4);
        Tracker v6 = new Tracker(V6);
        UdpTrackerClient client = client(OUR_V4, OUR_V6);
        v6.silent = true;
        announce(client);
        loop.turn(Duration.ofSeconds(5));
        assertThat(peers()).as("the silent family is not waited for").containsExactly(v4.namedPeer());

        loop.turn(Duration.ofMinutes(5));
        assertThat(results).as("its failure is not reported").hasSize(1);
        int packets = v6.packets.size();
        v6.silent = false;
        announce(client);
        loop.turn(Duration.ofMinutes(5));
        assertThat(v6.packets).as("left out for an hour").hasSize(packets);
        loop.turn(SilentFamilies.PAUSE);
        announce(client);
        loop.turn(Duration.ofMinutes(5));
        assertThat(peers()).containsExactlyInAnyOrder(v4.namedPeer(), v4.namedPeer(), v4.namedPeer(), v6.namedPeer());
    }

    @Test
    void theFamilyLeftOutIsTriedAgainWhenTheOtherFails() throws Exception {
        names.put("tracker.test", List.of(V4, V6));
        Tracker v4 = new Tracker(V4);
        Tracker v6 = new Tracker(V6);
        UdpTrackerClient client = client(OUR_V4, OUR_V6);
        v6.silent = true;
        announce(client);
        loop.turn(Duration.ofMinutes(5));
        v4.silent = true;
        v6.silent = false;
        announce(client);
        loop.turn(Duration.ofMinutes(5));
        assertThat(results.getLast()).isEqualTo(Failed.of(Codes.TIMEOUT));
        announce(client);
        loop.turn(Duration.ofMinutes(5));
        assertThat(peers()).containsExactly(v4.namedPeer(), v6.namedPeer());
    }

    /** Without a route the system refuses to send: the announce is repeated as if it had been lost. */
    @Test
    void aHostWithoutARouteTimesOutAndHarmsNoOther() throws Exception {
        names.put("tracker.test", List.of(V6, V4));
        Tracker v4 = new Tracker(V4);
        network.cutOff(V6);
        announce(client(OUR_V4, OUR_V6));
        loop.turn(Duration.ofMinutes(5));
        assertThat(peers()).containsExactly(v4.namedPeer());
    }

    @Test
    void aRefusalIsReportedAtOnceAndALaterAnswerToo() throws Exception {
        names.put("tracker.test", List.of(V4, V6));
        Tracker v4 = new Tracker(V4);
        Tracker v6 = new Tracker(V6);
        v4.refusal = "not this one";
        v6.silent = true;
        announce(client(OUR_V4, OUR_V6));
        loop.turn(Duration.ofSeconds(2));
        assertThat(results).containsExactly(new Failed(Codes.FAILURE, "not this one", Duration.ZERO));
        v6.silent = false;
        loop.turn(Duration.ofMinutes(1));
        assertThat(results).hasSize(2);
        assertThat(peers()).containsExactly(v6.namedPeer());
    }

    @Test
    void theSameSeedIsTheSameRun() throws Exception {
        assertThat(transactions(5)).isEqualTo(transactions(5)).isNotEqualTo(transactions(6));
    }

    private static List<Integer> transactions(long seed) throws IOException {
        ManualLoop loop = new ManualLoop();
        SplittableRandom random = new SplittableRandom(seed);
        SimulatedDatagrams network = new SimulatedDatagrams(loop, random);
        network.setLoss(0.5);
        List<Integer> seen = new ArrayList<>();
        network.bind(
                loop,
                new InetSocketAddress(V4, TRACKER_PORT),
                (bytes, from) ->
                        seen.add(Packet.of(ByteBufUtil.getBytes(bytes), from).transaction()));
        UdpTrackerClient client = new UdpTrackerClient(
                DatagramPort.open(network, loop, List.of(new InetSocketAddress(OUR_V4, PORT))),
                address -> true,
                (host, executor, found) -> found.accept(List.of(V4)),
                random.split());
        for (int i = 0; i < 10; i++) {
            client.announce(
                    URL, TrackerCalls.request(TrackerCalls.HASH, PORT, 0, AnnounceEvent.NONE), loop, result -> {});
        }
        loop.turn(Duration.ofMinutes(5));
        assertThat(seen).isNotEmpty();
        return seen;
    }
}
