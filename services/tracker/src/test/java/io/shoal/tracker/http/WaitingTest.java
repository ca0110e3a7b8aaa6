package io.shoal.tracker.http;

import static io.shoal.tracker.http.Client.LEECH;
import static io.shoal.tracker.http.Client.announce;
import static io.shoal.tracker.http.Client.number;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.shoal.bittorrent.InfoHash;
import io.shoal.bittorrent.bencode.BValue.BDictionary;
import io.shoal.contracts.PasskeyHash;
import io.shoal.contracts.TorrentId;
import io.shoal.contracts.records.AdmissionRecord;
import io.shoal.contracts.records.AdmissionRecord.Rule;
import io.shoal.tracker.Loopback;
import io.shoal.tracker.http.Client.Response;
import io.shoal.tracker.swarms.SwarmKey;
import io.shoal.tracker.waiting.WaitingLimits;
import io.shoal.tracker.waiting.WaitingPlaces.Outcome;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** HTTP announces for what is not registered yet. The tracker has one event loop and a clock that is turned by hand. */
class WaitingTest {
    private static final InfoHash TORRENT = InfoHash.ofHex("0123456789abcdef0123456789abcdef01234567");
    private static final SwarmKey KEY = SwarmKey.of(TORRENT);
    private static final UUID TENANT = new UUID(1, 1);
    private static final String PASSKEY = "a".repeat(32);
    private static final String OTHER_HASH = LEECH.replace("%01", "%02");
    private static final int WAIT = 3_000;
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private final Loopback tracker;

    WaitingTest() throws Exception {
        tracker = Loopback.waiting(new WaitingLimits(100, 8, 3, Duration.ofMillis(WAIT)), Loopback.patient());
    }

    @AfterEach
    void close() {
        tracker.close();
    }

    private void register(@Nullable UUID owner) {
        tracker.torrents.register(TorrentId.of("t", TORRENT), 1, List.of(KEY), owner);
    }

    private Client waiting(String path) throws Exception {
        return waiting(tracker, path);
    }

    /** Sends an announce and returns when it waits. */
    private static Client waiting(Loopback tracker, String path) throws Exception {
        int before = tracker.waiting.size();
        Client client = new Client(tracker);
        client.send("GET " + path + " HTTP/1.1\r\nHost: t\r\n\r\n");
        await().atMost(PATIENCE).until(() -> tracker.waiting.size() == before + 1);
        return client;
    }

    private void awaitWaiting(int count) {
        await().atMost(PATIENCE).until(() -> tracker.waiting.size() == count);
    }

    private static void assertServed(Response response, int leeches) throws Exception {
        assertThat(number(response.dictionary(), "incomplete")).isEqualTo(leeches);
    }

    @Test
    void anAnnounceIsAnsweredWhenItsTorrentIsRegistered() throws Exception {
        try (Client early = waiting("/announce?" + LEECH)) {
            assertThat(early.hasBytes()).isFalse();
            register(null);
            assertServed(early.read(true), 1);
            assertThat(tracker.waiting.ended(Outcome.SERVED)).isEqualTo(1);
            assertThat(tracker.waiting.size()).isZero();
            assertThat(tracker.traffic.refusals()).isZero();

            early.send("GET /announce?" + LEECH.replace("6881", "6882") + " HTTP/1.1\r\n\r\n");
            assertServed(early.read(true), 2);
        }
    }

    @Test
    void anAnnounceWithAnUnknownPasskeyWaitsForBothInAnyOrder() throws Exception {
        AdmissionRecord.Passkey record = new AdmissionRecord.Passkey(1, 1, TENANT, new UUID(2, 2), false);
        try (Client early = waiting("/" + PASSKEY + "/announce?" + LEECH)) {
            tracker.passkeys.put(PasskeyHash.of(PASSKEY), record);
            register(TENANT);
            assertServed(early.read(true), 1);
        }
        tracker.passkeys.forget(PasskeyHash.of(PASSKEY));
        try (Client early = waiting("/" + PASSKEY + "/announce?" + LEECH)) {
            tracker.passkeys.put(PasskeyHash.of(PASSKEY), record);
            assertServed(early.read(true), 1);
        }
        assertThat(tracker.traffic.unknownPasskeys()).isZero();
    }

    @Test
    void aForeignRegistrationDoesNotEndTheWait() throws Exception {
        try (Client early = waiting("/announce?" + LEECH)) {
            register(TENANT);
            tracker.torrents.register(TorrentId.of("u", TORRENT), 1, List.of(KEY), null);
            assertServed(early.read(true), 1);
        }
    }

    @Test
    void afterItsTimeItIsRefusedAndToldToComeBackSoon() throws Exception {
        try (Client early = waiting("/announce?" + LEECH)) {
            tracker.clock.addAndGet(WAIT - 1);
            assertServed(registeredElsewhere(), 1);
            assertThat(early.hasBytes()).isFalse();
            tracker.clock.addAndGet(1);
            BDictionary refusal = early.read(true).dictionary();
            assertThat(Client.text(refusal, "failure reason")).isEqualTo("unregistered torrent");
            assertThat(number(refusal, "interval")).isEqualTo(120);
            assertThat(number(refusal, "min interval")).isEqualTo(60);
            assertThat(tracker.waiting.ended(Outcome.TIMED_OUT)).isEqualTo(1);
            assertThat(tracker.traffic.refusals()).isEqualTo(1);
        }
    }

    /** Others are served by the same loop meanwhile. */
    private Response registeredElsewhere() throws Exception {
        InfoHash other = InfoHash.ofHex(TORRENT.hex().replace("01", "02"));
        tracker.torrents.register(TorrentId.of("t", other), 1, List.of(SwarmKey.of(other)), null);
        return announce(tracker, OTHER_HASH);
    }

    @Test
    void aTorrentThatIsDeniedMeanwhileIsRefusedAtOnce() throws Exception {
        try (Client early = waiting("/announce?" + LEECH)) {
            tracker.torrents.list(KEY, 1, Rule.DENY);
            assertThat(early.read(true).failure()).isEqualTo("torrent is not allowed here");
            assertThat(tracker.waiting.ended(Outcome.REFUSED)).isEqualTo(1);
        }
    }

    @Test
    void moreThanMayWaitAreRefusedAtOnceForAMinute() throws Exception {
        try (Client one = waiting("/announce?" + LEECH);
                Client two = waiting("/announce?" + LEECH);
                Client three = waiting("/announce?" + LEECH)) {
            BDictionary refusal = announce(tracker, LEECH).dictionary();
            assertThat(Client.text(refusal, "failure reason")).isEqualTo("unregistered torrent");
            assertThat(number(refusal, "interval")).isEqualTo(60);
            assertThat(number(refusal, "min interval")).isEqualTo(60);
            assertThat(tracker.waiting.withoutRoom()).isEqualTo(1);

            register(null);
            for (Client early : List.of(one, two, three)) {
                assertServed(early.read(true), 1);
            }
        }
    }

    @Test
    void aClientThatLeavesGivesItsPlaceBack() throws Exception {
        Client early = waiting("/announce?" + LEECH);
        early.close();
        awaitWaiting(0);
        assertThat(tracker.waiting.ended(Outcome.ABANDONED)).isEqualTo(1);
    }

    @Test
    void aPeerThatStopsDoesNotWait() throws Exception {
        assertThat(announce(tracker, LEECH + "&event=stopped").failure()).isEqualTo("unregistered torrent");
        assertThat(tracker.waiting.withoutRoom()).isZero();
    }

    @Test
    void whenTheTrackerStopsThoseThatWaitAreAnswered() throws Exception {
        try (Client early = waiting("/announce?" + LEECH)) {
            tracker.waiting.close();
            assertThat(early.read(true).failure()).isEqualTo("unregistered torrent");
            assertThat(announce(tracker, LEECH).failure()).isEqualTo("unregistered torrent");
        }
    }

    @Test
    void aConnectionThatClosesAfterTheReplyWaitsToo() throws Exception {
        try (Client early = new Client(tracker)) {
            early.send("GET /announce?" + LEECH + " HTTP/1.0\r\n\r\n");
            awaitWaiting(1);
            register(null);
            assertServed(early.read(true), 1);
            assertThat(early.isAtEnd()).isTrue();
        }
    }

    @Test
    void requestsBehindOneThatWaitsAreAnsweredAfterItHoweverManyThereAre() throws Exception {
        try (Client early = waiting("/announce?" + LEECH)) {
            int more = 3_000; // about 500 KB: more than is kept for a client that waits
            Thread sender = Thread.ofVirtual().start(() -> {
                try {
                    for (int i = 0; i < more; i++) {
                        early.send("GET /announce?" + LEECH + " HTTP/1.1\r\nHost: t\r\n\r\n");
                    }
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            });
            assertServed(registeredElsewhere(), 1);
            assertThat(early.hasBytes()).isFalse();
            register(null);
            for (int i = 0; i <= more; i++) {
                assertServed(early.read(true), 1);
            }
            sender.join();
        }
    }

    @Test
    void theTimesOfAConnectionDoNotEndTheWait() throws Exception {
        Limits hasty = Loopback.limits(Duration.ofMillis(300), Duration.ofMillis(300), 100);
        try (Loopback hastily = Loopback.waiting(WaitingLimits.usual(Duration.ofMillis(WAIT)), hasty);
                Client early = waiting(hastily, "/announce?" + LEECH);
                Client idle = new Client(hastily)) {
            idle.send("GET / HTTP/1.1\r\n");
            assertThat(idle.isAtEnd()).as("the times are over").isTrue();
            hastily.torrents.register(TorrentId.of("t", TORRENT), 1, List.of(KEY), null);
            assertServed(early.read(true), 1);
        }
    }
}
