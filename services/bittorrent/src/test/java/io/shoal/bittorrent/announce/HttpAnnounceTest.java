package io.shoal.bittorrent.announce;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.shoal.bittorrent.InfoHash;
import io.shoal.bittorrent.PeerId;
import io.shoal.bittorrent.bencode.BencodeEncoder;
import io.shoal.bittorrent.metainfo.SourceUrl;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HttpAnnounceTest {
    private static final InfoHash HASH = InfoHash.ofHex("00ff20417a7e2d5f2e2b2f3a0a0d253f26233d7f");
    private static final PeerId PEER = PeerId.of("-SH0100-abcdefgh /&=".getBytes(StandardCharsets.US_ASCII));

    private static AnnounceRequest request(AnnounceEvent event) {
        return new AnnounceRequest(HASH, PEER, 0x0abc, 6881, 1, 2, 3, event, 80, null, null);
    }

    private static String target(String tracker, AnnounceRequest request) {
        return HttpAnnounce.url(Objects.requireNonNull(SourceUrl.parse(tracker)), request)
                .target();
    }

    private static InetSocketAddress peer(String literal, int port) {
        return new InetSocketAddress(InetAddress.ofLiteral(literal), port);
    }

    private static AnnounceReply parse(Map<String, ?> reply) throws AnnounceException {
        return HttpAnnounce.parse(BencodeEncoder.encode(reply));
    }

    private static AnnounceException refusal(Map<String, ?> reply) {
        return catchThrowableOfType(AnnounceException.class, () -> parse(reply));
    }

    @Test
    void theUrlCarriesTheAnnounce() {
        assertThat(target("http://t.example/announce", request(AnnounceEvent.STARTED)))
                .isEqualTo("/announce?info_hash=%00%FF%20Az~-_.%2B%2F%3A%0A%0D%25%3F%26%23%3D%7F"
                        + "&peer_id=-SH0100-abcdefgh%20%2F%26%3D&port=6881&uploaded=1&downloaded=2&left=3"
                        + "&compact=1&no_peer_id=1&numwant=80&key=00000abc&event=started");
    }

    @Test
    void theTrackersOwnQueryIsPreserved() {
        AnnounceRequest request = request(AnnounceEvent.NONE);
        assertThat(target("http://t/a?passkey=x", request)).startsWith("/a?passkey=x&info_hash=");
        assertThat(target("http://t/a?", request)).startsWith("/a?info_hash=");
        assertThat(target("http://t/a#f", request)).startsWith("/a?info_hash=");
        assertThat(target("http://t/a", request)).doesNotContain("event=").doesNotContain("ip=");
    }

    @Test
    void addressAndTrackerIdAreRepeated() {
        AnnounceRequest request =
                new AnnounceRequest(HASH, PEER, 1, 1, 0, 0, 0, AnnounceEvent.PAUSED, 0, "2001:db8::1", "a b");
        assertThat(target("http://t/a", request)).endsWith("&event=paused&ip=2001%3Adb8%3A%3A1&trackerid=a%20b");
    }

    @Test
    void aFullReplyIsRead() throws Exception {
        byte[] v4 = CompactPeers.encode(List.of(peer("198.51.100.1", 6881), peer("198.51.100.2", 1)), CompactPeers.V4);
        byte[] v6 = CompactPeers.encode(List.of(peer("2001:db8::9", 65535)), CompactPeers.V6);
        AnnounceReply reply = parse(Map.of(
                "interval",
                1800,
                "min interval",
                60,
                "complete",
                5,
                "incomplete",
                7,
                "peers",
                v4,
                "peers6",
                v6,
                "external ip",
                new byte[] {(byte) 198, 51, 100, 9},
                "tracker id",
                "abc"));

        assertThat(reply)
                .isEqualTo(new AnnounceReply(
                        1800,
                        60,
                        5,
                        7,
                        List.of(peer("198.51.100.1", 6881), peer("198.51.100.2", 1), peer("2001:db8::9", 65535)),
                        InetAddress.ofLiteral("198.51.100.9"),
                        "abc"));
    }

    @Test
    void peersAsDictionariesAreRead() throws Exception {
        AnnounceReply reply = parse(Map.of(
                "interval",
                1,
                "peers",
                List.of(
                        Map.of("ip", "198.51.100.1", "port", 80, "peer id", "x".repeat(20)),
                        Map.of("ip", "2001:db8::1", "port", 81),
                        Map.of("ip", "a.name.example", "port", 82),
                        Map.of("ip", "198.51.100.2", "port", 0),
                        Map.of("ip", "198.51.100.2", "port", 65536),
                        Map.of("port", 5),
                        "rubbish")));
        assertThat(reply.peers()).containsExactly(peer("198.51.100.1", 80), peer("2001:db8::1", 81));
        assertThat(reply.seeds()).isEqualTo(-1);
        assertThat(reply.leeches()).isEqualTo(-1);
    }

    @Test
    void numbersOutOfRangeAreBounded() throws Exception {
        AnnounceReply reply = parse(
                Map.of("interval", Long.MAX_VALUE, "min interval", -5, "complete", -3, "incomplete", Long.MAX_VALUE));
        assertThat(reply.interval()).isEqualTo(AnnounceReply.INTERVAL_MAX);
        assertThat(reply.minInterval()).isZero();
        assertThat(reply.seeds()).isEqualTo(-1);
        assertThat(reply.leeches()).isEqualTo(Integer.MAX_VALUE);
        assertThat(reply.peers()).isEmpty();
    }

    @Test
    void noMoreThanAThousandPeersAreKept() throws Exception {
        byte[] compact = new byte[CompactPeers.V4 * 5_000];
        Arrays.fill(compact, (byte) 1);
        assertThat(parse(Map.of("peers", compact, "peers6", new byte[180])).peers())
                .hasSize(AnnounceReply.PEERS_MAX);
        List<Map<String, Object>> list = IntStream.rangeClosed(1, 5_000)
                .mapToObj(port -> Map.<String, Object>of("ip", "1.1.1.1", "port", port))
                .toList();
        assertThat(parse(Map.of("peers", list)).peers()).hasSize(AnnounceReply.PEERS_MAX);
    }

    @Test
    void aPeerThatIsCutOffOrHasNoPortIsLeftOut() throws Exception {
        assertThat(parse(Map.of("peers", new byte[] {1, 1, 1, 1, 0, 5, 2, 2, 2, 2, 0, 0, 3, 3, 3}))
                        .peers())
                .containsExactly(peer("1.1.1.1", 5));
    }

    @Test
    void aRefusalHasAReasonAndARetryTime() {
        AnnounceException minutes = refusal(Map.of("failure reason", "not here", "retry in", 5));
        assertThat(minutes).hasMessage("not here");
        assertThat(minutes.isRefused()).isTrue();
        assertThat(minutes.retrySeconds()).isEqualTo(300);
        assertThat(refusal(Map.of("failure reason", "x", "retry in", "7")).retrySeconds())
                .isEqualTo(420);
        assertThat(refusal(Map.of("failure reason", "x", "retry in", "never")).retrySeconds())
                .isEqualTo(AnnounceException.NEVER);
        assertThat(refusal(Map.of("failure reason", "x", "retry in", Long.MAX_VALUE))
                        .retrySeconds())
                .isEqualTo(AnnounceException.NEVER);
        assertThat(refusal(Map.of("failure reason", "x", "retry in", -1)).retrySeconds())
                .isZero();
    }

    @Test
    void theIntervalsOfARefusalAreTheLeastWait() {
        assertThat(refusal(Map.of("failure reason", "x", "interval", 60, "min interval", 3_600))
                        .retrySeconds())
                .isEqualTo(3_600);
        assertThat(refusal(Map.of("failure reason", "x", "interval", 90)).retrySeconds())
                .isEqualTo(90);
        assertThat(refusal(Map.of("failure reason", "x", "interval", 90, "retry in", 5))
                        .retrySeconds())
                .isEqualTo(300);
    }

    @ParameterizedTest
    @ValueSource(strings = {"i5e", "de", "d1:xi1ee"})
    void peersOfAnotherTypeAreNoPeersAndTheRestCounts(String peers) throws Exception {
        AnnounceReply reply =
                HttpAnnounce.parse(("d8:intervali900e5:peers" + peers + "e").getBytes(StandardCharsets.US_ASCII));

        assertThat(reply.peers()).isEmpty();
        assertThat(reply.interval()).isEqualTo(900);
    }

    @ParameterizedTest
    @ValueSource(strings = {"\n", "<!-- 5 ms -->", "d8:intervali1ee"})
    void bytesAfterTheReplyAreIgnored(String after) throws Exception {
        assertThat(HttpAnnounce.parse(("d8:intervali900ee" + after).getBytes(StandardCharsets.US_ASCII))
                        .interval())
                .isEqualTo(900);
    }

    @Test
    void reasonsAreCleaned() {
        assertThat(AnnounceException.clean("passkey wrong: see https://t.example/u?passkey=SECRET now"))
                .isEqualTo("passkey wrong: see [...] now");
        assertThat(AnnounceException.clean("go to www.t.example/SECRET")).isEqualTo("go to [...]");
        assertThat(AnnounceException.clean("a\r\nb\u0000c\u202ed\u2028e")).isEqualTo("a b c d e");
        assertThat(AnnounceException.clean("x".repeat(10_000))).hasSize(AnnounceException.REASON_MAX);
        assertThat(AnnounceException.clean("\ud83d\ude00".repeat(300))).hasSizeLessThanOrEqualTo(200);
        assertThat(AnnounceException.clean("y" + "\ud83d\ude00".repeat(300))).hasSize(199);
        assertThat(AnnounceException.clean(null)).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "<html>", "i5e", "le", "d8:intervali5e"})
    void malformedRepliesAreRefused(String body) {
        assertThatThrownBy(() -> HttpAnnounce.parse(body.getBytes(StandardCharsets.US_ASCII)))
                .isInstanceOfSatisfying(
                        AnnounceException.class, e -> assertThat(e.isRefused()).isFalse());
    }

    @Test
    void garbledRepliesAreReadOrRefusedButNothingElse() {
        byte[] good = BencodeEncoder.encode(Map.of(
                "interval", 1800, "complete", 5, "peers", new byte[60], "external ip", new byte[4], "tracker id", "t"));
        Random random = new Random(5);
        for (int i = 0; i < 20_000; i++) {
            byte[] bad = Arrays.copyOf(good, good.length - random.nextInt(3));
            for (int change = random.nextInt(4); change >= 0; change--) {
                bad[random.nextInt(bad.length)] = (byte) random.nextInt(256);
            }
            try {
                assertThat(HttpAnnounce.parse(bad).peers()).hasSizeLessThanOrEqualTo(10);
            } catch (AnnounceException e) {
                assertThat(e).hasMessageMatching("[^\\p{Cntrl}]{0,200}");
            }
        }
    }
}
