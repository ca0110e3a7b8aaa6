package io.shoal.tracker.http;

import static io.shoal.tracker.http.Client.HASH;
import static io.shoal.tracker.http.Client.LEECH;
import static io.shoal.tracker.http.Client.announce;
import static io.shoal.tracker.http.Client.get;
import static io.shoal.tracker.http.Client.number;
import static org.assertj.core.api.Assertions.assertThat;

import io.shoal.bittorrent.InfoHash;
import io.shoal.bittorrent.bencode.BValue.BDictionary;
import io.shoal.contracts.PasskeyHash;
import io.shoal.contracts.TorrentId;
import io.shoal.contracts.records.AdmissionRecord;
import io.shoal.contracts.records.AdmissionRecord.Rule;
import io.shoal.tracker.Loopback;
import io.shoal.tracker.http.Client.Response;
import io.shoal.tracker.swarms.SwarmKey;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** Clients take a failure without an interval for half an hour or more, so each failure has one that fits its reason. */
class FailureIntervalTest {
    private static final InfoHash TORRENT = InfoHash.ofHex("0123456789abcdef0123456789abcdef01234567");
    private static final SwarmKey KEY = SwarmKey.of(TORRENT);

    private static void assertFailure(Response response, String reason, int interval, int minInterval)
            throws Exception {
        BDictionary reply = response.dictionary();
        assertThat(Client.text(reply, "failure reason")).isEqualTo(reason);
        assertThat(number(reply, "interval")).as(reason).isEqualTo(interval);
        assertThat(number(reply, "min interval")).as(reason).isEqualTo(minInterval);
    }

    @Test
    void aFailureThatMayPassHasAShortInterval() throws Exception {
        try (Loopback tracker = Loopback.registered("127.0.0.0/8")) {
            assertFailure(announce(tracker, LEECH), "unregistered torrent", 120, 60);
            String unknown = "/" + "a".repeat(32);
            assertFailure(get(tracker, unknown + "/announce?" + LEECH), "unknown passkey", 120, 60);
            assertFailure(get(tracker, unknown + "/scrape?info_hash=" + HASH), "unknown passkey", 120, 60);
            assertThat(tracker.traffic.unknownPasskeys()).isEqualTo(2);
        }
    }

    @Test
    void aUserAtTooManyLocationsMayComeBackInMinutes() throws Exception {
        try (Loopback tracker = Loopback.registered("127.0.0.0/8")) {
            UUID tenant = new UUID(1, 1);
            String passkey = "b".repeat(32);
            tracker.torrents.register(TorrentId.of("t", TORRENT), 1, List.of(KEY), tenant);
            tracker.passkeys.put(
                    PasskeyHash.of(passkey), new AdmissionRecord.Passkey(1, 1, tenant, new UUID(2, 2), false));
            for (int place = 1; place <= 3; place++) {
                get(tracker, "/" + passkey + "/announce?" + at(place));
            }
            assertFailure(get(tracker, "/" + passkey + "/announce?" + at(4)), "too many locations", 300, 60);
        }
    }

    private static String at(int place) {
        return LEECH.replace("abcdefghijkl", "abcdefghijk" + place) + "&ip=192.0.2." + place;
    }

    @Test
    void aFailureThatTheOperatorWantsOrThatNeverPassesHasALongOne() throws Exception {
        try (Loopback tracker = Loopback.registered()) {
            tracker.torrents.list(KEY, 1, Rule.DENY);
            assertFailure(announce(tracker, LEECH), "torrent is not allowed here", Loopback.INTERVAL, 60);
            assertFailure(announce(tracker, LEECH.replace("6881", "0")), "invalid port", 3_600, 60);
            assertFailure(announce(tracker, "nothing=1"), "missing info_hash", 3_600, 60);
            assertFailure(get(tracker, "/scrape?nothing=1"), "missing info_hash", 3_600, 60);
        }
    }

    @Test
    void whoAsksTooOftenMayNotComeBackBeforeItsTime() throws Exception {
        try (Loopback tracker = Loopback.limited(1)) {
            announce(tracker, LEECH);
            assertFailure(announce(tracker, LEECH), "too many requests", 60, 60);
        }
    }
}
