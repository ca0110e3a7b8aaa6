package io.shoal.tracker.http;

import static io.shoal.tracker.http.Client.HASH;
import static io.shoal.tracker.http.Client.LEECH;
import static io.shoal.tracker.http.Client.WHO;
import static io.shoal.tracker.http.Client.announce;
import static io.shoal.tracker.http.Client.bytes;
import static io.shoal.tracker.http.Client.get;
import static io.shoal.tracker.http.Client.number;
import static org.assertj.core.api.Assertions.assertThat;

import io.shoal.bittorrent.bencode.BValue.BDictionary;
import io.shoal.bittorrent.bencode.BValue.BList;
import io.shoal.tracker.Loopback;
import io.shoal.tracker.admission.Admission;
import io.shoal.tracker.announce.Rules;
import io.shoal.tracker.announce.Tracker;
import io.shoal.tracker.http.Client.Response;
import io.shoal.tracker.limits.RateLimit;
import io.shoal.tracker.members.Members;
import io.shoal.tracker.networks.Networks;
import io.shoal.tracker.swarms.Event;
import io.shoal.tracker.swarms.SwarmLimits;
import io.shoal.tracker.swarms.Swarms;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class AnnounceTest {
    private static final String REST = "&peer_id=-TS0001-abcdefghijkl&port=6881&uploaded=0&downloaded=0&left=5";

    private static final InetAddress V4 = address(127, 0, 0, 1);
    private static final InetAddress V6 = address(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1);

    private final Loopback tracker;

    AnnounceTest() throws Exception {
        tracker = Loopback.open();
    }

    private static InetAddress address(int... numbers) {
        byte[] bytes = new byte[numbers.length];
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = (byte) numbers[i];
        }
        try {
            return InetAddress.getByAddress(bytes);
        } catch (UnknownHostException e) {
            throw new IllegalStateException(e);
        }
    }

    @AfterEach
    void close() {
        tracker.close();
    }

    @Test
    void row1HoweverAHashIsEscapedItIsOneSwarm() throws Exception {
        String[] escapings = {
            "%00%26%2B%41%61%7E%2e%2D%5fzZ09%FF%fe%20%25%3D%3d%0a",
            "%00%26+Aa~.-_zZ09%ff%FE%20%25==%0A",
            "%00%26%2b%41a%7e.-%5F%7a%5a%30%39%FF%FE%20%25%3d%3D%0a"
        };
        for (int i = 0; i < escapings.length; i++) {
            Response response = announce(tracker, "info_hash=" + escapings[i] + REST.replace("6881", "" + (7000 + i)));
            assertThat(number(response.dictionary(), "incomplete")).isEqualTo(i + 1);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "info_hash=short",
                "info_hash=" + HASH + "x",
                "info_hash=",
                "info_hash",
                "info_hash=aaaaaaaaaaaaaaaaaaa%",
                "info_hash=aaaaaaaaaaaaaaaaaaa%4",
                "info_hash=aaaaaaaaaaaaaaaaaaa%g0",
                "info_hash=aaaaaaaaaaaaaaaaaaaa%",
                "info_hash=aaaaaaaaaaaaaaaaaaaa%4"
            })
    void row1AHashThatIsNot20BytesIsRefused(String hash) throws Exception {
        Response response = announce(tracker, hash + REST);
        assertThat(response.status()).isEqualTo("HTTP/1.1 200 OK");
        assertThat(response.failure()).isEqualTo("invalid info_hash");
    }

    @ParameterizedTest
    @ValueSource(strings = {"short", HASH + "x", "", "aaaaaaaaaaaaaaaaaaaa%"})
    void row1AHashThatIsNot20BytesIsNotScrapedEither(String hash) throws Exception {
        Response response = get(tracker, "/scrape?info_hash=" + HASH + "&info_hash=" + hash);
        assertThat(response.status()).isEqualTo("HTTP/1.1 200 OK");
        assertThat(response.failure()).isEqualTo("invalid info_hash");
    }

    @Test
    void row1DuplicatesAreRefused() throws Exception {
        assertThat(announce(tracker, LEECH + "&info_hash=" + HASH).failure()).isEqualTo("duplicate info_hash");
        assertThat(announce(tracker, LEECH + "&port=1").failure()).isEqualTo("duplicate port");
    }

    @ParameterizedTest
    @ValueSource(strings = {"info_hash", "peer_id", "port", "uploaded", "downloaded"})
    void row2AMissingFieldIsNamed(String field) throws Exception {
        String query = LEECH.replaceAll("(^|&)" + field + "=[^&]*", "");
        assertThat(announce(tracker, query).failure()).isEqualTo("missing " + field);
    }

    @ParameterizedTest
    @CsvSource({"peer_id,short", "uploaded,-1", "downloaded,x", "uploaded,''", "port,1e3"})
    void row2AMalformedFieldIsNamed(String field, String value) throws Exception {
        String query = LEECH.replaceAll("&" + field + "=[^&]*", "&" + field + "=" + value);
        assertThat(announce(tracker, query).failure()).isEqualTo("invalid " + field);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "&left=18446744073709551615",
                "&left=9223372036854775808",
                "&left=-1",
                "&left=x",
                "&left=",
                "&left",
                "&left=%",
                "&left=%zz",
                ""
            })
    void leftThatIsNoNumberFrom0To2To63IsALeech(String left) throws Exception {
        BDictionary reply = announce(tracker, LEECH.replace("&left=5", left)).dictionary();
        assertThat(number(reply, "complete")).isZero();
        assertThat(number(reply, "incomplete")).isEqualTo(1);
    }

    @Test
    void row2CountersHave63BitsAndWhoDoesNotSayWhatItLacksIsALeech() throws Exception {
        String most = "" + Long.MAX_VALUE;
        BDictionary seed = announce(tracker, WHO + "&port=1&left=0&uploaded=" + most + "&downloaded=" + most)
                .dictionary();
        assertThat(number(seed, "complete")).isEqualTo(1);
        BDictionary leech =
                announce(tracker, WHO + "&port=2&uploaded=0&downloaded=0").dictionary();
        assertThat(number(leech, "complete")).isEqualTo(1);
        assertThat(number(leech, "incomplete")).isEqualTo(1);
        BDictionary lacking = announce(tracker, WHO + "&port=3&uploaded=0&downloaded=0&left=" + most)
                .dictionary();
        assertThat(number(lacking, "incomplete")).isEqualTo(2);
    }

    @Test
    void row3Port0IsRefusedExceptWithStoppedAnd65536Always() throws Exception {
        String zero = LEECH.replace("6881", "0");
        assertThat(announce(tracker, zero).failure()).isEqualTo("invalid port");
        assertThat(number(announce(tracker, zero + "&event=stopped").dictionary(), "incomplete"))
                .isZero();
        assertThat(announce(tracker, LEECH.replace("6881", "65536")).failure()).isEqualTo("invalid port");
        assertThat(number(announce(tracker, LEECH.replace("6881", "65535")).dictionary(), "incomplete"))
                .isEqualTo(1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "started", "completed", "paused", "STARTED", "nonsense", "%00%ff"})
    void row4EveryEventIsAnswered(String event) throws Exception {
        Response response = announce(tracker, LEECH + "&event=" + event);
        assertThat(response.status()).isEqualTo("HTTP/1.1 200 OK");
        assertThat(number(response.dictionary(), "incomplete")).isEqualTo(1);
    }

    @Test
    void row4EventsAreTakenForWhatTheySay() throws Exception {
        announce(tracker, LEECH + "&event=started");
        announce(tracker, LEECH + "&event=nonsense");
        BDictionary partial = announce(tracker, LEECH + "&event=paused").dictionary();
        assertThat(number(partial, "incomplete")).isEqualTo(1);
        assertThat(get(tracker, "/scrape?info_hash=" + HASH).body())
                .as("a partial seed downloads nothing")
                .contains("11:downloadersi0e10:incompletei1e");
        BDictionary seed = announce(tracker, LEECH.replace("left=5", "left=0") + "&event=completed")
                .dictionary();
        assertThat(number(seed, "downloaded")).isEqualTo(1);
        announce(tracker, LEECH + "&event=stopped");
        for (Event event : Event.values()) {
            assertThat(tracker.traffic.announces(event)).as("%s", event).isEqualTo(1);
        }
    }

    @Test
    void row4StoppedTakesThePeerOut() throws Exception {
        announce(tracker, LEECH + "&event=started");
        assertThat(number(announce(tracker, LEECH + "&event=stopped").dictionary(), "incomplete"))
                .isZero();
    }

    @Test
    void row5AFailureIsPlainTextWithALengthAndNotChunked() throws Exception {
        Response response = announce(tracker, "nothing=1");
        assertThat(response.status()).isEqualTo("HTTP/1.1 200 OK");
        assertThat(response.headers())
                .containsEntry("content-type", "text/plain")
                .containsEntry("content-length", "" + response.body().length())
                .doesNotContainKey("transfer-encoding");
        assertThat(response.body())
                .isEqualTo(
                        "d14:failure reason17:missing info_hash8:intervali3600e12:min intervali60e8:retry in5:nevere");
    }

    @Test
    void row6KeysAreSortedPeersAreAlwaysThereAndPeers6OnlyWhenNotEmpty() throws Exception {
        String alone = announce(tracker, LEECH).body();
        List<Integer> places = new ArrayList<>();
        for (String key : List.of(
                "8:complete", "10:downloaded", "11:external ip", "10:incomplete", "8:interval", "12:min interval")) {
            places.add(alone.indexOf(key));
        }
        places.add(alone.indexOf("5:peers0:"));
        assertThat(places).isSorted().doesNotContain(-1);
        assertThat(alone).doesNotContain("peers6");
    }

    @Test
    void row6LengthsAreMultiplesOf6And18() throws Exception {
        try (Loopback trusting = Loopback.open("127.0.0.0/8")) {
            announce(trusting, LEECH.replace("6881", "1") + "&ip=192.0.2.1");
            announce(trusting, LEECH.replace("6881", "2") + "&ip=2001:db8::1");
            announce(trusting, LEECH.replace("6881", "3") + "&ip=2001:db8::2");
            BDictionary reply = announce(trusting, LEECH).dictionary();
            assertThat(bytes(reply, "peers")).containsExactly(192, 0, 2, 1, 0, 1);
            assertThat(bytes(reply, "peers6")).hasSize(36);
            String body = announce(trusting, LEECH).body();
            assertThat(body.indexOf("6:peers636:"))
                    .as("the keys are sorted")
                    .isGreaterThan(body.indexOf("5:peers6:"))
                    .isPositive();
        }
    }

    @Test
    void row7WithoutCompactPeersAreDictionariesWithoutPeerIds() throws Exception {
        announce(tracker, LEECH);
        for (String wish : List.of("&compact=0", "&compact=0&no_peer_id=1")) {
            BDictionary reply =
                    announce(tracker, LEECH.replace("6881", "7") + wish).dictionary();
            BList peers = Objects.requireNonNull(reply.list("peers"));
            assertThat(peers.values()).hasSize(1);
            BDictionary peer = (BDictionary) peers.values().getFirst();
            assertThat(Client.text(peer, "ip")).isEqualTo("127.0.0.1");
            assertThat(number(peer, "port")).isEqualTo(6881);
            assertThat(peer.get("peer id")).isNull();
        }
        assertThat(bytes(announce(tracker, LEECH.replace("6881", "7")).dictionary(), "peers"))
                .hasSize(6);
    }

    @Test
    void row8NumwantIsHonouredDefaultedAndCapped() throws Exception {
        for (int port = 1; port <= 250; port++) {
            announce(tracker, LEECH.replace("6881", "" + port));
        }
        assertThat(given("")).isEqualTo(50);
        assertThat(given("&numwant=0")).isZero();
        assertThat(given("&numwant=7")).isEqualTo(7);
        assertThat(given("")).as("after another's wish").isEqualTo(50);
        assertThat(given("&numwant=-1")).isEqualTo(50);
        assertThat(given("&numwant=many")).isEqualTo(50);
        assertThat(given("&numwant=99999999999")).isEqualTo(200);
        assertThat(given("&numwant=4294967295")).isEqualTo(200);
        assertThat(given("&numwant=50&event=stopped")).isZero();
    }

    private int given(String rest) throws Exception {
        return bytes(announce(tracker, LEECH + rest).dictionary(), "peers").length / 6;
    }

    @Test
    void row10TheIpFieldIsIgnoredUnlessTheAskerIsTrusted() throws Exception {
        announce(tracker, LEECH + "&ip=192.0.2.9");
        announce(tracker, LEECH.replace("6881", "6882") + "&ip=no-address");
        assertThat(bytes(announce(tracker, LEECH.replace("6881", "6883")).dictionary(), "peers"))
                .containsSequence(127, 0, 0, 1)
                .hasSize(12);

        try (Loopback trusting = Loopback.open("127.0.0.0/8")) {
            announce(trusting, LEECH + "&ip=::ffff:192.0.2.9");
            assertThat(bytes(announce(trusting, LEECH.replace("6881", "6882")).dictionary(), "peers"))
                    .containsExactly(192, 0, 2, 9, 26, 225 - 256);
            assertThat(announce(trusting, LEECH + "&ip=example.org").failure()).isEqualTo("invalid ip");
            assertThat(announce(trusting, LEECH + "&ip=224.0.0.1").failure()).isEqualTo("invalid ip");
        }
    }

    @Test
    void row10PrivateSourcesAreRefusedWhereTheOperatorSaysSo() throws Exception {
        try (Loopback publicOnly = new Loopback("127.0.0.1", false, false, Loopback.patient(), "127.0.0.0/8")) {
            assertThat(announce(publicOnly, LEECH).failure()).isEqualTo("private address");
            assertThat(announce(publicOnly, LEECH + "&ip=192.0.2.9")
                            .dictionary()
                            .get("failure reason"))
                    .isNull();
        }
    }

    @Test
    void row11TheForwardedAddressIsBelievedFromTrustedNetworksOnly() throws Exception {
        String header = "X-Forwarded-For: 203.0.113.66, 198.51.100.7, 10.1.2.3\r\n";
        assertThat(bytes(announce(tracker, LEECH, header).dictionary(), "external ip"))
                .containsExactly(127, 0, 0, 1);
        try (Loopback trusting = Loopback.behindHttp("127.0.0.0/8", "10.0.0.0/8")) {
            assertThat(bytes(announce(trusting, LEECH + "&ip=192.0.2.1", header).dictionary(), "external ip"))
                    .as("the rightmost that is no proxy")
                    .containsExactly(198 - 256, 51, 100, 7);
            assertThat(bytes(announce(trusting, LEECH.replace("6881", "1")).dictionary(), "peers"))
                    .as("behind a proxy no client is trusted by the proxy's address")
                    .startsWith(198 - 256, 51, 100, 7);
            String lines = "X-Forwarded-For: 203.0.113.66\r\nx-forwarded-for: 10.1.2.3\r\n";
            assertThat(bytes(announce(trusting, LEECH, lines).dictionary(), "external ip"))
                    .containsExactly(203 - 256, 0, 113, 66);
        }
    }

    /** A proxy beside the tracker passes on what its clients ask for, also where it says nothing about them. */
    @ParameterizedTest
    @ValueSource(strings = {"", "X-Forwarded-For: nonsense\r\n", "X-Forwarded-For: 198.51.100.7\r\n"})
    void row11NoClientOfAProxyAnnouncesAnotherAddress(String header) throws Exception {
        try (Loopback proxied = Loopback.behindHttp("127.0.0.0/8")) {
            announce(proxied, LEECH + "&ip=192.0.2.9", header);
            byte[] peers =
                    bytes(announce(proxied, LEECH.replace("6881", "6882")).dictionary(), "peers");
            assertThat(peers).hasSize(6);
            assertThat(Arrays.copyOf(peers, 4)).isNotEqualTo(new byte[] {(byte) 192, 0, 2, 9});
        }
    }

    @ParameterizedTest
    @CsvSource({
        "'X-Forwarded-For: 203.0.113.66|x-forwarded-for: 198.51.100.7|', 198.51.100.7",
        "'X-Forwarded-For: 198.51.100.7|X-FORWARDED-FOR: 10.1.2.3|', 198.51.100.7",
        "'X-Forwarded-For: 203.0.113.66, nonsense, 10.1.2.3|', 10.1.2.3",
        "'X-Forwarded-For: 203.0.113.66|X-Forwarded-For: nonsense|', 127.0.0.1"
    })
    void row11OfSeveralLinesTheLastCountsAndWhatIsLeftOfNonsenseDoesNot(String lines, String asker) throws Exception {
        try (Loopback trusting = Loopback.behindHttp("127.0.0.0/8", "10.0.0.0/8")) {
            assertThat(bytes(
                            announce(trusting, LEECH, lines.replace("|", "\r\n"))
                                    .dictionary(),
                            "external ip"))
                    .isEqualTo(InetAddress.getByName(asker).getAddress());
        }
    }

    @Test
    void row11OfMoreLinesThanAreKeptTheLastCount() throws Exception {
        try (Loopback trusting = Loopback.behindHttp("127.0.0.0/8")) {
            String lines = "X-Forwarded-For: 203.0.113.66\r\n".repeat(10) + "X-Forwarded-For: 198.51.100.7\r\n";
            assertThat(bytes(announce(trusting, LEECH, lines).dictionary(), "external ip"))
                    .containsExactly(198 - 256, 51, 100, 7);
        }
    }

    @Test
    void row13TheReplyNamesTheAskersAddressAndWhenToComeBack() throws Exception {
        Set<Long> intervals = new HashSet<>();
        for (int i = 0; i < 50; i++) {
            BDictionary reply = announce(tracker, LEECH).dictionary();
            assertThat(bytes(reply, "external ip")).containsExactly(127, 0, 0, 1);
            assertThat(number(reply, "min interval")).isEqualTo(600);
            intervals.add(number(reply, "interval"));
        }
        assertThat(intervals)
                .hasSizeGreaterThan(10)
                .allSatisfy(interval ->
                        assertThat(interval).isBetween(Loopback.INTERVAL * 9L / 10, (long) Loopback.INTERVAL));
    }

    @Test
    void row13NoIntervalIsBelowTheLeastOne() {
        SwarmLimits swarmLimits = new SwarmLimits(1_000, 1_000, 10);
        SplittableRandom random = new SplittableRandom(1);
        Tracker strict = new Tracker(
                new Swarms(swarmLimits, 1),
                new Members(swarmLimits, tracker.ledger, () -> random),
                new Admission(tracker.torrents, tracker.passkeys, true),
                tracker.waiting,
                new RateLimit(0, 1, 1),
                new Rules(1_000, 990, Networks.of(List.of()), Networks.of(List.of()), true),
                tracker.clock::get,
                () -> random);
        for (int i = 0; i < 200; i++) {
            assertThat(strict.interval()).isBetween(strict.minInterval(), 1_000);
        }
    }

    @Test
    void row13AnUnregisteredTorrentIsRefusedAndMayBeTriedAgain() throws Exception {
        try (Loopback registeredOnly = new Loopback("127.0.0.1", true, true, Loopback.patient())) {
            BDictionary reply = announce(registeredOnly, LEECH).dictionary();
            assertThat(Client.text(reply, "failure reason")).isEqualTo("unregistered torrent");
            assertThat(reply.get("retry in")).as("a time to stay away").isNull();
        }
    }

    @Test
    void row20AskersOfBothFamiliesAreServed() throws Exception {
        try (Loopback v6 = new Loopback("::1", false, true, Loopback.patient())) {
            announce(v6, LEECH);
            BDictionary reply = announce(v6, LEECH.replace("6881", "1")).dictionary();
            assertThat(bytes(reply, "external ip")).containsExactly(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1);
            assertThat(bytes(reply, "peers")).isEmpty();
            assertThat(bytes(reply, "peers6")).hasSize(18);
        }
    }

    @Test
    void row20ASocketOfBothFamiliesTakesIpv4AskersAsWhatTheyAre() throws Exception {
        try (Loopback both = new Loopback("::", false, true, Loopback.patient())) {
            int port = both.http.port();
            assertThat(bytes(announceTo(V4, port, LEECH), "external ip")).containsExactly(127, 0, 0, 1);
            announceTo(V6, port, LEECH.replace("6881", "6882"));
            BDictionary reply = announceTo(V6, port, LEECH.replace("6881", "6883"));
            assertThat(bytes(reply, "peers")).containsExactly(127, 0, 0, 1, 26, 225 - 256);
            assertThat(bytes(reply, "peers6")).hasSize(18);
        }
    }

    private static BDictionary announceTo(InetAddress address, int port, String query) throws Exception {
        try (Client client = new Client(address, port)) {
            client.send("GET /announce?" + query + " HTTP/1.1\r\n\r\n");
            return client.read(true).dictionary();
        }
    }

    @Test
    void row21AScrapeOfSeveralIsSortedHasZerosForTheUnknownAndChangesNothing() throws Exception {
        announce(tracker, LEECH);
        announce(tracker, LEECH.replace("6881", "2").replace("left=5", "left=0"));
        String unknown = "%ff".repeat(20);
        String target = "/scrape?info_hash=" + unknown + "&info_hash=" + HASH + "&info_hash=" + HASH;

        String known = "\u0001#Eg\u0089\u00ab\u00cd\u00ef";
        String expected = "d5:filesd20:" + known + known + known.substring(0, 4)
                + "d8:completei1e10:downloadedi0e11:downloadersi1e10:incompletei1ee"
                + "20:" + "\u00ff".repeat(20)
                + "d8:completei0e10:downloadedi0e11:downloadersi0e10:incompletei0eeee";
        assertThat(get(tracker, target).body()).isEqualTo(expected);
        assertThat(get(tracker, target).body()).isEqualTo(expected);
        assertThat(get(tracker, "/scrape").failure()).isEqualTo("missing info_hash");
    }

    @Test
    void row21AScrapeIsCutAtTheLimit() throws Exception {
        StringBuilder target = new StringBuilder("/scrape?");
        for (int i = 10; i < 90; i++) {
            target.append("&info_hash=").append("a".repeat(18)).append(i);
        }
        BDictionary files = Objects.requireNonNull(
                get(tracker, target.toString()).dictionary().dictionary("files"));
        assertThat(files.values()).hasSize(74);
    }
}
