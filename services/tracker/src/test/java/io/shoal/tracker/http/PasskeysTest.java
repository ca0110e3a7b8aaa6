package io.shoal.tracker.http;

import static io.shoal.tracker.http.Client.HASH;
import static io.shoal.tracker.http.Client.LEECH;
import static io.shoal.tracker.http.Client.get;
import static io.shoal.tracker.http.Client.number;
import static org.assertj.core.api.Assertions.assertThat;

import io.shoal.bittorrent.InfoHash;
import io.shoal.bittorrent.bencode.BValue.BDictionary;
import io.shoal.contracts.PasskeyHash;
import io.shoal.contracts.TorrentId;
import io.shoal.contracts.records.AdmissionRecord;
import io.shoal.tracker.Loopback;
import io.shoal.tracker.accounting.Totals;
import io.shoal.tracker.http.Client.Response;
import io.shoal.tracker.swarms.SwarmKey;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Queue;
import java.util.UUID;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Row 12, and row 18 as a client sees it: passkeys in the path of announce and scrape. */
class PasskeysTest {
    private static final InfoHash TORRENT = InfoHash.ofHex("0123456789abcdef0123456789abcdef01234567");
    private static final UUID TENANT = new UUID(1, 1);
    private static final String ANN = "a".repeat(32);
    private static final String BOB = "b".repeat(32);

    private final Loopback tracker;

    PasskeysTest() throws Exception {
        tracker = Loopback.registered("127.0.0.0/8");
        tracker.torrents.register(TorrentId.of("t", TORRENT), 1, List.of(SwarmKey.of(TORRENT)), TENANT);
        issue(ANN, TENANT);
        issue(BOB, TENANT);
    }

    private void issue(String passkey, UUID tenant) {
        tracker.passkeys.put(
                PasskeyHash.of(passkey), new AdmissionRecord.Passkey(1, 1, tenant, UUID.randomUUID(), false));
    }

    @AfterEach
    void close() {
        tracker.close();
    }

    private Response announce(String passkey, String query) throws Exception {
        return get(tracker, "/" + passkey + "/announce?" + query);
    }

    @Test
    void row12MembersMeetAndOthersAreRefused() throws Exception {
        announce(ANN, LEECH);
        BDictionary reply = announce(BOB, LEECH.replace("6881", "6882").replace("abcdefghijkl", "bbbbbbbbbbbb"))
                .dictionary();
        assertThat(number(reply, "incomplete")).isEqualTo(2);
        assertThat(Client.bytes(reply, "peers")).containsExactly(127, 0, 0, 1, 26, 225 - 256);

        assertThat(get(tracker, "/announce?" + LEECH).failure()).isEqualTo("unregistered torrent");
        issue("c".repeat(32), new UUID(2, 2));
        assertThat(announce("c".repeat(32), LEECH).failure()).isEqualTo("unregistered torrent");
    }

    @ParameterizedTest
    @ValueSource(strings = {"dddddddddddddddddddddddddddddddd", "x", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab", "%61"})
    void row12AnUnknownPasskeyIsAFailureThatDoesNotRepeatIt(String passkey) throws Exception {
        for (String path : List.of("/announce?", "/scrape?")) {
            Response response = get(tracker, "/" + passkey + path + LEECH);
            assertThat(response.status()).isEqualTo("HTTP/1.1 200 OK");
            assertThat(response.failure()).isEqualTo("unknown passkey");
            assertThat(response.body() + response.headers()).doesNotContain(passkey + "a", passkey + "/");
        }
    }

    @Test
    void row12NoPasskeyIsEverLogged() throws Exception {
        Queue<String> logged = new ConcurrentLinkedQueue<>();
        Handler handler = new Handler() {
            @Override
            public void publish(LogRecord line) {
                logged.add(line.getMessage() + Arrays.toString(line.getParameters()) + line.getThrown());
            }

            @Override
            public void flush() {}

            @Override
            public void close() {}
        };
        Logger all = Logger.getLogger("");
        Level before = all.getLevel();
        String revoked = "e".repeat(32);
        tracker.passkeys.put(
                PasskeyHash.of(revoked), new AdmissionRecord.Passkey(1, 2, TENANT, UUID.randomUUID(), true));
        all.addHandler(handler);
        all.setLevel(Level.ALL);
        try {
            Logger.getLogger("io.shoal").fine("it listens");
            for (String passkey : List.of(ANN, revoked, "d".repeat(32))) {
                announce(passkey, LEECH);
                announce(passkey, "nonsense=1");
                get(tracker, "/" + passkey + "/scrape?info_hash=" + HASH);
                get(tracker, "/" + passkey + "/nowhere");
            }
        } finally {
            all.setLevel(before);
            all.removeHandler(handler);
        }
        assertThat(logged).anyMatch(line -> line.startsWith("it listens"));
        for (String passkey : List.of(ANN, revoked, "d".repeat(32))) {
            assertThat(logged).noneMatch(line -> line.contains(passkey));
        }
    }

    @Test
    void row12ARevokedPasskeyIsUnknownAtOnce() throws Exception {
        assertThat(number(announce(ANN, LEECH).dictionary(), "incomplete")).isEqualTo(1);
        tracker.passkeys.put(PasskeyHash.of(ANN), new AdmissionRecord.Passkey(1, 2, TENANT, UUID.randomUUID(), true));
        assertThat(announce(ANN, LEECH).failure()).isEqualTo("unknown passkey");
        assertThat(get(tracker, "/" + ANN + "/scrape?info_hash=" + HASH).failure())
                .isEqualTo("unknown passkey");
    }

    @Test
    void row12AScrapeUnderThePasskeySeesThePrivateSwarmAndNoOtherDoes() throws Exception {
        announce(ANN, LEECH);
        assertThat(get(tracker, "/" + BOB + "/scrape?info_hash=" + HASH).body()).contains("10:incompletei1e");
        assertThat(get(tracker, "/scrape?info_hash=" + HASH).body()).contains("10:incompletei0e");
        issue("c".repeat(32), new UUID(2, 2));
        assertThat(get(tracker, "/" + "c".repeat(32) + "/scrape?info_hash=" + HASH)
                        .body())
                .contains("10:incompletei0e");
    }

    @Test
    void row12APublicTorrentIsServedWithAPasskeyAndWithout() throws Exception {
        tracker.torrents.register(TorrentId.of("t", TORRENT), 2, List.of(SwarmKey.of(TORRENT)), null);
        announce(ANN, LEECH);
        assertThat(number(
                        get(tracker, "/announce?" + LEECH.replace("6881", "6882"))
                                .dictionary(),
                        "incomplete"))
                .isEqualTo(2);
    }

    @Test
    void row12InAnOpenHouseWhoShowsAPasskeyIsNotPutAmongStrangers() throws Exception {
        try (Loopback open = Loopback.open()) {
            open.passkeys.put(PasskeyHash.of(ANN), new AdmissionRecord.Passkey(1, 1, TENANT, UUID.randomUUID(), false));
            assertThat(get(open, "/" + ANN + "/announce?" + LEECH).failure()).isEqualTo("unregistered torrent");
            assertThat(number(
                            get(open, "/announce?" + LEECH.replace("6881", "6882"))
                                    .dictionary(),
                            "incomplete"))
                    .as("the stranger is alone")
                    .isEqualTo(1);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"/a/b/announce", "//announce", "/announce/", "/a/announce/x", "/aannounce"})
    void row9OtherPathsAreNotFound(String path) throws Exception {
        assertThat(get(tracker, path + "?" + LEECH).status()).isEqualTo("HTTP/1.1 404 Not Found");
    }

    @Test
    void row18AUserAtTooManyPlacesIsToldSo() throws Exception {
        for (int place = 1; place <= 3; place++) {
            announce(ANN, at(place));
        }
        assertThat(announce(ANN, at(4)).failure()).isEqualTo("too many locations");
        assertThat(number(announce(BOB, at(5)).dictionary(), "incomplete")).isEqualTo(4);
    }

    private static String at(int place) {
        return LEECH.replace("abcdefghijkl", "abcdefghijk" + place) + "&ip=192.0.2." + place;
    }

    @Test
    void row7DictionariesOfPrivateSwarmsHavePeerIdsUnlessTheyAreNotWanted() throws Exception {
        announce(ANN, LEECH);
        announce(ANN, LEECH.replace("abcdefghijkl", "aaaaaaaaaaaa") + "&ip=2001:db8::1");
        String bob = LEECH.replace("6881", "6882").replace("abcdefghijkl", "bbbbbbbbbbbb") + "&compact=0";
        assertThat(announce(BOB, bob).body())
                .contains("d2:ip9:127.0.0.17:peer id20:-TS0001-abcdefghijkl4:porti6881ee")
                .contains("7:peer id20:-TS0001-aaaaaaaaaaaa");
        assertThat(announce(BOB, bob + "&no_peer_id=1").body()).doesNotContain("peer id");
        assertThat(announce(BOB, bob + "&no_peer_id=0").body()).contains("peer id");
        announce(BOB, bob + "&no_peer_id=1");
        assertThat(announce(BOB, bob).body()).as("after another's wish").contains("peer id");
    }

    @Test
    void accountingCountsWhatAMemberSaysOnce() throws Exception {
        announce(ANN, LEECH + "&event=started");
        String later = LEECH.replace("uploaded=0", "uploaded=70").replace("downloaded=0", "downloaded=9");
        announce(ANN, later);
        announce(ANN, later);
        assertThat(tracker.ledger.take().values()).containsExactly(new Totals(70, 9, 0, tracker.clock.get()));
        assertThat(Objects.requireNonNull(tracker.ledger.take())).isEmpty();
    }
}
