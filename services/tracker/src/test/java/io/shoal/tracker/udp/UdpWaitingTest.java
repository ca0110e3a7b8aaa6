package io.shoal.tracker.udp;

import static io.shoal.tracker.udp.UdpTest.announce;
import static io.shoal.tracker.udp.UdpTest.error;
import static io.shoal.tracker.udp.UdpTest.exchange;
import static io.shoal.tracker.udp.UdpTest.hash;
import static io.shoal.tracker.udp.UdpTest.id;
import static io.shoal.tracker.udp.UdpTest.receive;
import static io.shoal.tracker.udp.UdpTest.send;
import static io.shoal.tracker.udp.UdpTest.socket;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.shoal.bittorrent.InfoHash;
import io.shoal.contracts.TorrentId;
import io.shoal.tracker.Loopback;
import io.shoal.tracker.swarms.SwarmKey;
import io.shoal.tracker.waiting.WaitingLimits;
import io.shoal.tracker.waiting.WaitingPlaces.Outcome;
import java.net.DatagramSocket;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** UDP announces for what is not registered yet. The tracker has one thread and a clock that is turned by hand. */
class UdpWaitingTest {
    private static final int ANNOUNCE = 1;
    private static final int WAIT = 3_000;
    private static final InfoHash TORRENT = InfoHash.ofHex("00".repeat(20));
    private static final InfoHash OTHER = InfoHash.ofHex("07".repeat(20));

    private final Loopback tracker;
    private final List<DatagramSocket> sockets = new ArrayList<>();

    UdpWaitingTest() throws Exception {
        tracker = Loopback.waiting(new WaitingLimits(200, 2, 100, Duration.ofMillis(WAIT)), Loopback.patient());
    }

    @AfterEach
    void close() {
        sockets.forEach(DatagramSocket::close);
        tracker.close();
    }

    private DatagramSocket client(String address) throws Exception {
        DatagramSocket socket = socket(tracker, address);
        sockets.add(socket);
        return socket;
    }

    private void register(InfoHash torrent) {
        tracker.torrents.register(TorrentId.of("t", torrent), 1, List.of(SwarmKey.of(torrent)), null);
    }

    private DatagramSocket waiting(String address, int port) throws Exception {
        DatagramSocket client = client(address);
        int before = tracker.waiting.size();
        send(client, announce(id(client), port, 2));
        awaitWaiting(before + 1);
        return client;
    }

    private void awaitWaiting(int count) {
        await().atMost(Duration.ofSeconds(20)).until(() -> tracker.waiting.size() == count);
    }

    private static byte[] announceOther(long id) {
        return ByteBuffer.wrap(announce(id, 9, 0)).put(16, hash(7)).array();
    }

    @Test
    void announcesAreAnsweredWhenTheirTorrentIsRegisteredEachAtItsOwnAddress() throws Exception {
        List<DatagramSocket> clients = new ArrayList<>();
        for (int i = 0; i < 70; i++) { // more than one batch
            clients.add(waiting("127.0.1." + (i + 1), 100 + i));
        }
        register(TORRENT);
        for (DatagramSocket client : clients) {
            ByteBuffer reply = receive(client);
            assertThat(reply.getInt()).isEqualTo(ANNOUNCE);
            assertThat(reply.getInt()).isEqualTo(UdpTest.TRANSACTION);
        }
        assertThat(tracker.waiting.ended(Outcome.SERVED)).isEqualTo(70);
        assertThat(tracker.traffic.drops()).isZero();
        DatagramSocket late = client("127.0.2.1");
        assertThat(exchange(late, announce(id(late), 1, 0)).getInt(12))
                .as("leechers")
                .isEqualTo(71);
    }

    @Test
    void afterItsTimeAnAnnounceIsRefusedAndOthersAreServedMeanwhile() throws Exception {
        DatagramSocket early = waiting("127.0.0.1", 1);
        register(OTHER);
        DatagramSocket other = client("127.0.0.1");
        tracker.clock.addAndGet(WAIT - 1);
        for (int i = 0; i < 200; i++) {
            assertThat(exchange(other, announceOther(id(other))).getInt()).isEqualTo(ANNOUNCE);
        }
        assertThat(tracker.waiting.size()).isEqualTo(1);
        tracker.clock.addAndGet(1);
        assertThat(error(receive(early))).isEqualTo("unregistered torrent");
        assertThat(tracker.waiting.ended(Outcome.TIMED_OUT)).isEqualTo(1);
    }

    @Test
    void noneIsAnsweredLate() throws Exception {
        DatagramSocket early = waiting("127.0.0.1", 1);
        tracker.clock.addAndGet(WAIT + 60_000);
        awaitWaiting(0);
        register(TORRENT);
        assertThat(exchange(early, announce(id(early), 1, 0)).getInt())
                .as("the next packet after the silence")
                .isEqualTo(ANNOUNCE);
        assertThat(tracker.traffic.drops()).isEqualTo(1);
        assertThat(tracker.traffic.refusals()).isZero();
    }

    @Test
    void moreThanMayWaitAreRefusedAtOnce() throws Exception {
        waiting("127.0.0.1", 1);
        waiting("127.0.0.1", 2);
        DatagramSocket third = client("127.0.0.1");
        assertThat(error(exchange(third, announce(id(third), 3, 0)))).isEqualTo("unregistered torrent");
        assertThat(tracker.waiting.size()).isEqualTo(2);
        assertThat(tracker.waiting.withoutRoom()).isEqualTo(1);
    }

    @Test
    void anAnnounceWithAWrongConnectionIdTakesNoPlace() throws Exception {
        DatagramSocket client = client("127.0.0.1");
        send(client, announce(12345, 1, 0));
        id(client);
        assertThat(tracker.waiting.size()).isZero();
        assertThat(tracker.waiting.withoutRoom()).isZero();
    }

    @Test
    void whenTheTrackerStopsThoseThatWaitAreAnswered() throws Exception {
        DatagramSocket early = waiting("127.0.0.1", 1);
        tracker.waiting.close();
        assertThat(error(receive(early))).isEqualTo("unregistered torrent");
    }

    @Test
    void theEndOfTheSocketGivesAllPlacesBack() throws Exception {
        waiting("127.0.0.1", 1);
        waiting("127.0.0.2", 1);
        tracker.udp.close();
        assertThat(tracker.waiting.size()).isZero();
        assertThat(tracker.waiting.ended(Outcome.ABANDONED)).isEqualTo(2);
    }
}
