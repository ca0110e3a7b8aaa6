package io.shoal.contracts.records;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.shoal.bittorrent.Limits;
import io.shoal.contracts.Fuzz;
import io.shoal.contracts.Generation;
import io.shoal.contracts.topics.Topic;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Records against one golden file each, for every version that was ever published: an old record must be read for as long as a
 * compacted topic may hold it.
 */
class RecordsTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String HASH = "0123456789abcdef0123456789abcdef01234567";
    private static final UUID TENANT = UUID.fromString("00000000-0000-0001-0000-000000000002");
    private static final UUID USER = UUID.fromString("00000000-0000-0003-0000-000000000004");
    private static final Bits SEGMENTS = Bits.of(BitSet.valueOf(new long[] {0x105}));

    /** A golden file, what it says, and which of its fields a reader cannot do without. */
    record Golden(String file, Class<?> type, Object record, List<String> required) {
        @Override
        public String toString() {
            return file;
        }
    }

    static List<Golden> goldens() {
        return List.of(
                new Golden(
                        "torrent",
                        TorrentRecord.class,
                        new TorrentRecord(
                                1,
                                new Generation((1L << 32) + 1),
                                12,
                                TorrentRecord.State.LIVE,
                                List.of(HASH),
                                true,
                                false,
                                "torrents/abcdefghijklmnopqrstuvwxyz/4294967297/info",
                                1,
                                1,
                                Wanted.parse("Iw=="),
                                null),
                        List.of(
                                "v",
                                "gen",
                                "rev",
                                "state",
                                "isPrivate",
                                "tracked",
                                "infoKey",
                                "geometry",
                                "slices",
                                "wanted")),
                new Golden(
                        "torrent-of-tenant",
                        TorrentRecord.class,
                        new TorrentRecord(
                                1,
                                new Generation(7),
                                12,
                                TorrentRecord.State.LIVE,
                                List.of(HASH),
                                true,
                                true,
                                "torrents/abcdefghijklmnopqrstuvwxyz/7/info",
                                1,
                                1,
                                Wanted.ALL,
                                TENANT),
                        List.of("v", "gen")),
                new Golden(
                        "passkey",
                        AdmissionRecord.class,
                        new AdmissionRecord.Passkey(1, 12, TENANT, USER, true),
                        List.of("kind", "v", "rev", "tenant", "user", "revoked")),
                new Golden(
                        "list",
                        AdmissionRecord.class,
                        new AdmissionRecord.Listed(1, 12, AdmissionRecord.Rule.DENY),
                        List.of("kind", "v", "rev", "rule")),
                new Golden(
                        "tenant",
                        AdmissionRecord.class,
                        new AdmissionRecord.TenantRules(1, 12, true, 5, 1_800_000_000),
                        List.of("kind", "v", "rev", "enabled")),
                new Golden(
                        "accounting",
                        AccountingRecord.class,
                        new AccountingRecord(
                                1,
                                TENANT,
                                USER,
                                HASH,
                                "2d545330303031".concat("61".repeat(13)),
                                1_790_000_000_000L,
                                5_000_000_000L,
                                17,
                                3_600,
                                1_790_000_003_600L),
                        List.of(
                                "v",
                                "tenant",
                                "user",
                                "infoHash",
                                "peer",
                                "start",
                                "uploaded",
                                "downloaded",
                                "seedingSeconds",
                                "last")),
                new Golden(
                        "slice",
                        SliceRecord.class,
                        new SliceRecord(
                                1,
                                new Generation(7),
                                3,
                                SliceRecord.Kind.SLICE,
                                "torrents/abcdefghijklmnopqrstuvwxyz/7/info",
                                null,
                                HASH,
                                false,
                                0,
                                5_960,
                                Wanted.ALL,
                                SliceRecord.Mode.RUN,
                                List.of(
                                        List.of(
                                                "http://tracker.example/announce?passkey=x",
                                                "udp://tracker.example:6969"),
                                        List.of("http://other.example/announce")),
                                List.of("https://seed.example/file"),
                                2,
                                List.of("192.0.2.1:6881", "[2001:db8::1]:6881"),
                                "pool/7",
                                new SliceRecord.SliceLimits(1_000_000, 0),
                                4),
                        List.of(
                                "v",
                                "gen",
                                "rev",
                                "kind",
                                "infoKey",
                                "infoHash",
                                "isPrivate",
                                "firstSegment",
                                "lastSegment",
                                "wanted",
                                "mode",
                                "check")),
                new Golden(
                        "resolve",
                        SliceRecord.class,
                        new SliceRecord(
                                1,
                                new Generation(1),
                                1,
                                SliceRecord.Kind.RESOLVE,
                                null,
                                "magnet:?xt=urn:btih:" + HASH,
                                HASH,
                                true,
                                0,
                                -1,
                                Wanted.ALL,
                                SliceRecord.Mode.RUN,
                                List.of(),
                                List.of(),
                                0,
                                List.of(),
                                TENANT.toString(),
                                null,
                                null),
                        List.of("kind", "magnet", "infoHash")),
                new Golden(
                        "progress",
                        ProgressRecord.class,
                        new ProgressRecord(
                                1,
                                "swarm-0",
                                List.of(
                                        new ProgressRecord.Slice(
                                                "abcdefghijklmnopqrstuvwxyz/0",
                                                new Generation(7),
                                                9,
                                                new StatusRecord.Totals(1_000, 2_000, 16_384, 3_600, 5_000L),
                                                new ProgressRecord.Rates(10, 20),
                                                new ProgressRecord.Peers(5, 2, 2_500)),
                                        new ProgressRecord.Slice(
                                                "resolve/01890a5d-ac96-774b-bcce-b302099a8057",
                                                new Generation(1),
                                                1,
                                                StatusRecord.Totals.ZERO,
                                                ProgressRecord.Rates.ZERO,
                                                ProgressRecord.Peers.NONE))),
                        List.of("v", "worker")),
                new Golden(
                        "swarm",
                        ProgressRecord.class,
                        new ProgressRecord(1, "swarm-0", List.of(), swarm()),
                        List.of("v", "worker")),
                new Golden(
                        "inspect",
                        DemandRecord.class,
                        new DemandRecord.Inspect(1, new Generation(7), 1_790_000_015_000L),
                        List.of("kind", "v", "gen", "until")),
                new Golden(
                        "status",
                        StatusRecord.class,
                        new StatusRecord(
                                1,
                                new Generation(7),
                                3,
                                9,
                                "swarm-0",
                                StatusRecord.State.DOWNLOADING,
                                StatusRecord.Reason.STORAGE_WAIT,
                                SEGMENTS,
                                2,
                                new StatusRecord.Totals(1_000, 2_000, 16_384, 3_600, null),
                                List.of(
                                        new StatusRecord.Tracker(
                                                "fHNhhaVnbqS9nJZX", true, 1_790_000_000_000L, "ok", null, null),
                                        new StatusRecord.Tracker(
                                                StatusRecord.Tracker.id("http://tracker.example/announce"),
                                                true,
                                                1_790_000_000_000L,
                                                "ok",
                                                1_789_999_000_000L,
                                                new StatusRecord.Tracker.Figures(true, 1_789_998_000_000L, 12, 0, 50))),
                                null),
                        List.of("v", "gen", "rev", "epoch", "worker", "state", "check")),
                new Golden(
                        "resolved",
                        StatusRecord.class,
                        new StatusRecord(
                                1,
                                new Generation(1),
                                1,
                                1,
                                "swarm-1",
                                StatusRecord.State.RESOLVED,
                                null,
                                Bits.NONE,
                                0,
                                StatusRecord.Totals.ZERO,
                                List.of(),
                                "resolved/00000000-0000-0001-0000-000000000002"),
                        List.of("worker")),
                new Golden(
                        "content-assembled",
                        ContentRecord.class,
                        new ContentRecord.Assembled(
                                1, new Generation(7), 3, "torrents/abcdefghijklmnopqrstuvwxyz/7/f/3", 100_000_000_000L),
                        List.of("kind", "v", "gen", "file", "key", "size")),
                new Golden(
                        "content-lost",
                        ContentRecord.class,
                        new ContentRecord.Lost(1, new Generation(7), SEGMENTS),
                        List.of("kind", "v", "gen", "segments")),
                new Golden(
                        "content-purged",
                        ContentRecord.class,
                        new ContentRecord.Purged(1, new Generation(7)),
                        List.of("kind", "v", "gen")));
    }

    private static SwarmReport swarm() {
        SwarmReport.Peer sends = new SwarmReport.Peer(
                "2001:db8::1",
                6881,
                "qBittorrent/5.1.2",
                Set.of(SwarmReport.PeerFlag.OPTIMISTIC, SwarmReport.PeerFlag.INTERESTING, SwarmReport.PeerFlag.CHOKED),
                SwarmReport.PeerSource.TRACKER,
                995,
                1_000_000,
                20,
                5_000_000_000L,
                400,
                List.of("fHNhhaVnbqS9nJZX"));
        SwarmReport.Peer idle = new SwarmReport.Peer(
                "192.0.2.7", 51_413, "", Set.of(), SwarmReport.PeerSource.INCOMING, 0, 0, 0, 0, 0, List.of());
        return new SwarmReport(
                "abcdefghijklmnopqrstuvwxyz/0",
                new Generation(7),
                9,
                3,
                List.of(sends, idle),
                new SwarmReport.Pieces(7, List.of(3, 0), List.of(0, 1), List.of(0, 2), List.of(2, 1)));
    }

    @ParameterizedTest
    @MethodSource("goldens")
    void whatWasPublishedIsReadAndWrittenTheSame(Golden golden) throws Exception {
        byte[] bytes = bytes(golden);

        assertThat(Json.read(bytes, golden.type())).isEqualTo(golden.record());
        assertThat(JSON.readTree(Json.write(golden.record()))).isEqualTo(JSON.readTree(bytes));
    }

    @ParameterizedTest
    @MethodSource("goldens")
    void fieldsOfALaterVersionAreIgnored(Golden golden) throws Exception {
        ObjectNode later = (ObjectNode) JSON.readTree(bytes(golden));
        later.put("traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01");
        later.putObject("more").put("deep", 1);

        assertThat(Json.read(JSON.writeValueAsBytes(later), golden.type())).isEqualTo(golden.record());
    }

    @ParameterizedTest
    @MethodSource("goldens")
    void aRecordWithoutARequiredFieldIsABadOne(Golden golden) throws Exception {
        for (String field : golden.required()) {
            ObjectNode missing = (ObjectNode) JSON.readTree(bytes(golden));
            assertThat(missing.remove(field)).as(field).isNotNull();
            bad(field + " missing", JSON.writeValueAsBytes(missing), golden.type());
            missing.putNull(field);
            bad(field + " null", JSON.writeValueAsBytes(missing), golden.type());
        }
    }

    @ParameterizedTest
    @MethodSource("goldens")
    void aFieldOfTheWrongKindMakesABadRecord(Golden golden) throws Exception {
        for (String field : golden.required()) {
            ObjectNode wrong = (ObjectNode) JSON.readTree(bytes(golden));
            wrong.putObject(field).put("x", 1);
            bad(field, JSON.writeValueAsBytes(wrong), golden.type());
        }
    }

    @Test
    void aBadRecordSaysWhereItIsWrongAndNeverWhatStandsThere() throws Exception {
        ObjectNode wrong = (ObjectNode) JSON.readTree("""
                {"v":1,"gen":1,"rev":1,"kind":"SLICE","infoKey":"k","infoHash":"%s","isPrivate":false,"firstSegment":0,
                "lastSegment":0,"wanted":"","mode":"RUN","trackers":[["http://t/",{"s":"secret"}]],"check":0}""".formatted("ab".repeat(20)));
        assertThatThrownBy(() -> Json.read(JSON.writeValueAsBytes(wrong), SliceRecord.class))
                .isInstanceOf(BadRecordException.class)
                .hasMessageStartingWith("no SliceRecord: at trackers.[0].[1]: ")
                .hasMessageNotContaining("secret");
        wrong.remove("trackers");
        wrong.remove("mode");
        assertThatThrownBy(() -> Json.read(JSON.writeValueAsBytes(wrong), SliceRecord.class))
                .hasMessage("no SliceRecord: mode is missing");
        assertThatThrownBy(() -> Json.read("{\"v\": secret".getBytes(UTF_8), SliceRecord.class))
                .hasMessageContaining("not JSON at byte")
                .hasMessageNotContaining("secret");
    }

    @Test
    void onlyWhatWeWriteIsRead() throws Exception {
        byte[] torrent = bytes(goldens().getFirst());
        String text = new String(torrent, UTF_8);
        for (Map.Entry<String, String> change : Map.of(
                        "\"LIVE\"",
                        "0",
                        "\"LIVE\",",
                        "\"live\",",
                        "4294967297,",
                        "0,",
                        "\"rev\": 12",
                        "\"rev\": \"12\"",
                        "\"rev\": 12,",
                        "\"rev\": 12.5,",
                        HASH,
                        HASH.substring(1),
                        "Iw==",
                        "*",
                        "[\"" + HASH + "\"]",
                        "[null]")
                .entrySet()) {
            assertThat(text).contains(change.getKey());
            bad(
                    change.toString(),
                    text.replaceFirst(java.util.regex.Pattern.quote(change.getKey()), change.getValue())
                            .getBytes(UTF_8),
                    TorrentRecord.class);
        }
        bad("nothing", new byte[0], TorrentRecord.class);
        bad("null", "null".getBytes(UTF_8), TorrentRecord.class);
        bad("a list", "[]".getBytes(UTF_8), TorrentRecord.class);
        bad("two", (text + text).getBytes(UTF_8), TorrentRecord.class);
        bad("deep", ("{\"x\":" + "[".repeat(100_000)).getBytes(UTF_8), TorrentRecord.class);
        bad("an unknown kind", "{\"kind\":\"moved\",\"v\":1,\"gen\":7}".getBytes(UTF_8), ContentRecord.class);
    }

    @Test
    void aRecordHasALargestSizeInBothDirections() {
        SliceRecord large = new SliceRecord(
                1,
                new Generation(7),
                3,
                SliceRecord.Kind.SLICE,
                "x".repeat(Topic.RECORD_BYTES),
                null,
                HASH,
                false,
                0,
                1,
                Wanted.ALL,
                SliceRecord.Mode.RUN,
                List.of(),
                List.of(),
                0,
                List.of(),
                null,
                null,
                null);

        assertThatThrownBy(() -> Json.write(large)).isInstanceOf(IllegalStateException.class);
        bad("too large", " ".repeat(Topic.RECORD_BYTES + 1).getBytes(UTF_8), SliceRecord.class);
    }

    @Test
    void listsInARecordAreBounded() throws Exception {
        ObjectNode slice = (ObjectNode) JSON.readTree(bytes(goldens().stream()
                .filter(golden -> golden.file().equals("slice"))
                .findFirst()
                .orElseThrow()));
        slice.set("trackers", JSON.valueToTree(Collections.nCopies(65, List.of("http://a/"))));
        bad("tiers", JSON.writeValueAsBytes(slice), SliceRecord.class);
        slice.set("trackers", JSON.valueToTree(List.of(Collections.nCopies(65, "http://a/"))));
        bad("a tier", JSON.writeValueAsBytes(slice), SliceRecord.class);
        slice.remove("trackers");
        slice.set("peers", JSON.valueToTree(Collections.nCopies(65, "192.0.2.1:6881")));
        bad("peers", JSON.writeValueAsBytes(slice), SliceRecord.class);
        slice.remove("peers");
        assertThat(Json.read(JSON.writeValueAsBytes(slice), SliceRecord.class).peers())
                .as("a record of before there was such a field")
                .isEmpty();
        assertThat(Json.read(JSON.writeValueAsBytes(slice), SliceRecord.class).trackers())
                .isEmpty();
    }

    @Test
    void aDemandOfALaterKindIsNoBadRecord() throws Exception {
        byte[] later = "{\"kind\":\"read\",\"v\":1,\"gen\":7,\"position\":{\"any\":[1]}}".getBytes(UTF_8);
        assertThat(Json.read(later, DemandRecord.class)).isEqualTo(new DemandRecord.Other(1, "read"));
        bad("a long kind", "{\"kind\":\"%s\",\"v\":1}".formatted("x".repeat(33)).getBytes(UTF_8), DemandRecord.class);
        bad("no kind", "{\"v\":1,\"gen\":7,\"until\":5}".getBytes(UTF_8), DemandRecord.class);
        bad("before 1970", "{\"kind\":\"inspect\",\"v\":1,\"gen\":7,\"until\":-5}".getBytes(UTF_8), DemandRecord.class);
    }

    @Test
    void aSwarmReportIsBoundedAndTheLargestFitsIntoARecord() throws Exception {
        SwarmReport.Peer largest = new SwarmReport.Peer(
                "f".repeat(45),
                65_535,
                "\u00e9".repeat(SwarmReport.CLIENT_MAX),
                EnumSet.allOf(SwarmReport.PeerFlag.class),
                SwarmReport.PeerSource.TRACKER,
                1_000,
                Long.MAX_VALUE,
                Long.MAX_VALUE,
                Long.MAX_VALUE,
                Long.MAX_VALUE,
                Collections.nCopies(Limits.TRACKERS, "x".repeat(16)));
        List<Integer> buckets = Collections.nCopies(SwarmReport.BUCKETS_MAX, Integer.MAX_VALUE);
        ProgressRecord record = new ProgressRecord(
                1,
                "swarm-0",
                List.of(),
                new SwarmReport(
                        "abcdefghijklmnopqrstuvwxyz/0",
                        new Generation(Long.MAX_VALUE),
                        Long.MAX_VALUE,
                        Integer.MAX_VALUE,
                        Collections.nCopies(SwarmReport.PEERS_MAX, largest),
                        new SwarmReport.Pieces(Integer.MAX_VALUE, buckets, buckets, buckets, buckets)));
        assertThat(Json.read(Json.write(record), ProgressRecord.class)).isEqualTo(record);

        ObjectNode json = (ObjectNode) JSON.readTree(Json.write(record));
        ObjectNode swarm = (ObjectNode) json.get("swarm");
        ((ArrayNode) swarm.get("peers")).add(swarm.get("peers").get(0).deepCopy());
        bad("101 peers", JSON.writeValueAsBytes(json), ProgressRecord.class);
        swarm.remove("peers");
        for (String list : List.of("stored", "spilled", "open", "availability")) {
            ObjectNode wrong = json.deepCopy();
            ((ArrayNode) wrong.get("swarm").get("pieces").get(list)).remove(0);
            bad("fewer in " + list, JSON.writeValueAsBytes(wrong), ProgressRecord.class);
        }
        ((ObjectNode) swarm.get("pieces")).put("count", SwarmReport.BUCKETS_MAX - 1);
        bad("more buckets than pieces", JSON.writeValueAsBytes(json), ProgressRecord.class);
    }

    @Test
    @Timeout(60)
    void brokenRecordsAreReadOrRefusedAndNothingElse() throws Exception {
        for (Golden golden : goldens()) {
            List<byte[]> corpus = new ArrayList<>();
            corpus.add(bytes(golden));
            corpus.add(Json.write(golden.record()));
            Fuzz.mutated(5_000, corpus, input -> {
                Object record;
                try {
                    record = Json.read(input, golden.type());
                } catch (BadRecordException e) {
                    assertThat(e).hasMessageContaining(golden.type().getSimpleName());
                    return;
                }
                assertThat(Json.read(Json.write(record), golden.type())).isEqualTo(record);
            });
        }
    }

    @Test
    void numbersOfAdmissionAndAccountingAreBounded() throws Exception {
        for (int locations : new int[] {0, -1, 101}) {
            String rules =
                    "{\"kind\":\"tenant\",\"v\":1,\"rev\":1,\"enabled\":true,\"locations\":%d}".formatted(locations);
            bad("locations", rules.getBytes(UTF_8), AdmissionRecord.class);
        }
        Golden accounting = goldens().stream()
                .filter(golden -> golden.file().equals("accounting"))
                .findFirst()
                .orElseThrow();
        for (String field : List.of("start", "uploaded", "downloaded", "seedingSeconds", "last")) {
            ObjectNode negative = (ObjectNode) JSON.readTree(bytes(accounting));
            negative.put(field, -1);
            bad(field, JSON.writeValueAsBytes(negative), AccountingRecord.class);
        }
        ObjectNode late = (ObjectNode) JSON.readTree(bytes(accounting));
        late.put("last", Long.MAX_VALUE);
        bad("last", JSON.writeValueAsBytes(late), AccountingRecord.class);
        ObjectNode text = (ObjectNode) JSON.readTree(bytes(accounting));
        text.put("peer", "x".repeat(40));
        bad("peer", JSON.writeValueAsBytes(text), AccountingRecord.class);
    }

    private static void bad(String what, byte[] bytes, Class<?> type) {
        assertThatThrownBy(() -> Json.read(bytes, type)).as(what).isInstanceOf(BadRecordException.class);
    }

    private static byte[] bytes(Golden golden) throws IOException {
        try (InputStream in = RecordsTest.class.getResourceAsStream("/records/v1/" + golden.file() + ".json")) {
            assertThat(in).as(golden.file()).isNotNull();
            return in.readAllBytes();
        }
    }
}
