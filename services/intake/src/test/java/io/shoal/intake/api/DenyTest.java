package io.shoal.intake.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.nullValue;

import io.quarkus.test.junit.QuarkusTest;
import io.restassured.http.ContentType;
import io.restassured.http.Method;
import io.restassured.response.Response;
import io.shoal.bittorrent.InfoHash;
import io.shoal.bittorrent.metainfo.Metainfo;
import io.shoal.contracts.Generation;
import io.shoal.contracts.TorrentId;
import io.shoal.contracts.objects.ObjectKeys;
import io.shoal.contracts.records.AdmissionRecord;
import io.shoal.contracts.records.AdmissionRecord.Listed;
import io.shoal.contracts.records.AdmissionRecord.Rule;
import io.shoal.contracts.records.Bits;
import io.shoal.contracts.records.ContentRecord;
import io.shoal.contracts.records.SliceRecord;
import io.shoal.contracts.records.SliceRecord.Mode;
import io.shoal.contracts.records.StatusRecord;
import io.shoal.contracts.records.TorrentRecord;
import io.shoal.contracts.topics.AdmissionKey;
import io.shoal.contracts.topics.Topic;
import io.shoal.intake.platform.Fleet;
import io.shoal.intake.platform.OnPlatform;
import io.shoal.intake.platform.Tenant;
import io.shoal.intake.platform.Torrents;
import io.shoal.objectstore.ObjectStore;
import jakarta.inject.Inject;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What the operator denies cannot be added, and what there is of it ends. */
@QuarkusTest
@OnPlatform
class DenyTest {
    private static final String REASON = "a court's order a-reason-for-the-operator-alone";

    @Inject
    ObjectStore store;

    private Tenant tenant = new Tenant("", "");
    private Fleet fleet;

    @BeforeEach
    void aTenantAndAFleet() {
        tenant = Tenant.create();
        fleet = new Fleet();
    }

    @AfterEach
    void closeFleet() {
        fleet.close();
    }

    private static void deny(String hash) {
        Tenant.operator()
                .contentType(ContentType.JSON)
                .body(Map.of("reason", REASON))
                .put("/v1/deny/" + hash)
                .then()
                .statusCode(200);
    }

    private static void withdraw(String hash) {
        Tenant.operator().delete("/v1/deny/" + hash).then().statusCode(204);
    }

    private static Response importLines(String lines) {
        return Tenant.operator().contentType("text/plain").body(lines).post("/v1/deny");
    }

    private static String v1(Metainfo torrent) {
        return torrent.info().hash().hex();
    }

    private static String v2(Metainfo torrent) throws Exception {
        return HexFormat.of()
                .formatHex(MessageDigest.getInstance("SHA-256")
                        .digest(torrent.info().bytes()));
    }

    private static void refused(Response response) {
        response.then().statusCode(403).contentType("application/problem+json").body("code", equalTo("denied"));
        assertThat(response.asString())
                .as("the reason is the operator's")
                .doesNotContain("a-reason-for-the-operator-alone");
    }

    @Test
    void whatIsDeniedCannotBeAdded() throws Exception {
        Metainfo torrent = Torrents.small();
        String magnet = Torrents.magnet(torrent);
        deny(v1(torrent).toUpperCase(Locale.ROOT));
        refused(tenant.submit(torrent));
        refused(tenant.submit(Map.of("metainfo", torrent.encode())));
        refused(tenant.submit(Map.of("magnet", magnet)));
        tenant.asks().get("/v1/transfers").then().body("items.size()", equalTo(0));
        tenant.asks().get("/v1/account").then().body("quota.usage.transfers", equalTo(0));
        withdraw(v1(torrent));

        deny(v2(torrent));
        refused(tenant.submit(torrent));
        refused(tenant.submit(Map.of("magnet", magnet + "&xt=urn:btmh:1220" + v2(torrent))));
        withdraw(v2(torrent));
        tenant.submit(torrent).then().statusCode(201);
    }

    @Test
    void aMagnetThatTurnsOutToBeDeniedIsBlocked() throws Exception {
        Metainfo torrent = Torrents.small();
        deny(v2(torrent));
        String id = tenant.submit(Map.of("magnet", Torrents.magnet(torrent))).path("id");
        SliceRecord slice = fleet.awaitSlice("resolve/" + id, s -> true);
        String key = ObjectKeys.resolved(UUID.fromString(id));
        store.put(key, ByteBuffer.wrap(torrent.info().bytes()));
        fleet.say(
                "resolve/" + id,
                Fleet.status(new Generation(1), slice.rev(), 1, StatusRecord.State.RESOLVED, null, Bits.NONE, 0, key));
        tenant.awaitState(id, "BLOCKED");
        tenant.get(id).then().body("reason", equalTo("denied"));
        fleet.awaitTombstone(Topic.SLICES, "resolve/" + id);
        refused(tenant.patch(id, "{\"paused\":false}"));
        withdraw(v2(torrent));
        tenant.patch(id, "{\"paused\":false}").then().statusCode(200).body("state", equalTo("QUEUED"));
        fleet.awaitSlice(TorrentId.of(tenant.id(), torrent.info().hash()) + "/0", s -> s.mode() == Mode.RUN);
    }

    @Test
    void aSearchEndsAndBeginsAgainWhenItIsStarted() {
        Metainfo torrent = Torrents.small();
        String id = tenant.submit(Map.of("magnet", Torrents.magnet(torrent))).path("id");
        fleet.awaitSlice("resolve/" + id, s -> s.mode() == Mode.RUN);
        deny(v1(torrent));
        tenant.awaitState(id, "BLOCKED");
        fleet.awaitTombstone(Topic.SLICES, "resolve/" + id);
        tenant.patch(id, "{\"paused\":true}").then().body("state", equalTo("BLOCKED"));
        withdraw(v1(torrent));
        tenant.get(id).then().body("state", equalTo("BLOCKED"));
        tenant.patch(id, "{\"paused\":false}").then().statusCode(200).body("state", equalTo("RESOLVING"));
        fleet.awaitSlice("resolve/" + id, s -> s.mode() == Mode.RUN);
    }

    @Test
    void whatThereIsOfItEndsAndIsStartedByHandInAnotherGeneration() throws Exception {
        Metainfo torrent = Torrents.several();
        TorrentId torrentId = TorrentId.of(tenant.id(), torrent.info().hash());
        String id = tenant.add(torrent);
        SliceRecord slice = fleet.awaitSlice(torrentId + "/0", s -> s.mode() == Mode.RUN);
        fleet.say(torrentId + "/0", Fleet.status(slice, 1, StatusRecord.State.SEEDING, 4, 0));
        tenant.awaitState(id, "SEEDING");

        deny(v1(torrent));

        fleet.awaitTombstone(Topic.SLICES, torrentId + "/0");
        TorrentRecord removed = fleet.awaitTorrent(torrentId, record -> record.state() == TorrentRecord.State.REMOVED);
        assertThat(removed.gen()).isEqualTo(slice.gen());
        fleet.awaitAdmission(
                new AdmissionKey.OfTorrent(torrent.info().hash()),
                record -> record instanceof Listed listed && listed.rule() == Rule.DENY);
        Tenant.await().until(() -> tenant.get(id).path("size") == null);
        Response blocked = tenant.get(id);
        blocked.then().body("state", equalTo("BLOCKED")).body("reason", equalTo("denied"));
        assertThat(blocked.asString()).doesNotContain("a-reason-for-the-operator-alone");
        tenant.asks()
                .get("/v1/account")
                .then()
                .body("quota.usage.storedBytes", equalTo(0))
                .body("quota.usage.transfers", equalTo(1));
        refused(tenant.asks().post("/v1/transfers/" + id + "/files/0/links"));
        refused(tenant.asks().get("/v1/transfers/" + id + "/metainfo"));
        refused(tenant.patch(id, "{\"paused\":false}"));
        refused(tenant.submit(torrent));
        // Storage deletes the objects, the info dictionary with them.
        store.delete(List.of(slice.infoKey()));
        fleet.say(torrentId, new ContentRecord.Purged(1, slice.gen()));
        fleet.awaitTombstone(Topic.TORRENTS, torrentId.value());

        withdraw(v1(torrent));

        tenant.submit(torrent).then().statusCode(200).body("state", equalTo("BLOCKED"));
        tenant.patch(id, "{\"paused\":false,\"wanted\":[9]}").then().statusCode(422);
        tenant.patch(id, "{\"paused\":false,\"wanted\":[0,1]}")
                .then()
                .statusCode(200)
                .body("state", equalTo("QUEUED"))
                .body("reason", nullValue());
        SliceRecord again = fleet.awaitSlice(torrentId + "/0", s -> s.mode() == Mode.RUN && s.rev() > removed.rev());
        assertThat(again.gen()).isGreaterThan(slice.gen());
        assertThat(again.wanted().isWanted(2)).isFalse();
        assertThat(store.get(String.valueOf(again.infoKey()), 1 << 20))
                .isEqualTo(torrent.info().bytes());
        tenant.asks().get("/v1/account").then().body("quota.usage.storedBytes", equalTo(3_000));
        Tenant.await()
                .until(() ->
                        store.size(ObjectKeys.resolved(UUID.fromString(id))).isEmpty());
    }

    @Test
    void allTenantsTransfersEndAlsoByTheHashOfVersion2() throws Exception {
        Metainfo torrent = Torrents.small();
        Tenant other = Tenant.create();
        String first = tenant.add(torrent);
        String second = other.add(torrent);
        String untouched = tenant.add(Torrents.small());
        importLines(v2(torrent) + " " + REASON + "\n").then().statusCode(200).body("added", equalTo(1));
        tenant.awaitState(first, "BLOCKED");
        other.awaitState(second, "BLOCKED");
        for (Tenant each : List.of(tenant, other)) {
            fleet.awaitTorrent(
                    TorrentId.of(each.id(), torrent.info().hash()),
                    record -> record.state() == TorrentRecord.State.REMOVED);
        }
        tenant.get(untouched).then().body("state", equalTo("QUEUED"));
    }

    @Test
    void aTransferThatIsAddedWhileItsTorrentIsDeniedDoesNotEscape() throws Exception {
        List<Metainfo> torrents =
                IntStream.range(0, 12).mapToObj(i -> Torrents.small()).toList();
        try (ExecutorService threads = Executors.newFixedThreadPool(4)) {
            for (Metainfo torrent : torrents) {
                threads.execute(() -> tenant.submit(torrent));
                threads.execute(() -> deny(v1(torrent)));
            }
        }
        Tenant.await()
                .until(
                        () -> tenant.asks().get("/v1/transfers").<List<String>>path("items.state"),
                        states -> states.stream().allMatch("BLOCKED"::equals));
    }

    @Test
    void aListIsMergedAgainAndAgain() {
        List<String> hashes = IntStream.range(0, 2_500).mapToObj(i -> fresh()).toList();
        String list = "# hash reason\n\n"
                + hashes.stream()
                        .map(hash -> hashes.indexOf(hash) % 2 == 0 ? hash + " " + REASON + "\r\n" : hash + "\n")
                        .collect(Collectors.joining());
        importLines(list).then().statusCode(200).body("lines", equalTo(2_502)).body("added", equalTo(2_500));
        importLines(list).then().statusCode(200).body("added", equalTo(0));
        Tenant.operator()
                .get("/v1/deny/" + hashes.getFirst())
                .then()
                .statusCode(200)
                .body("reason", equalTo(REASON));
        Tenant.operator().get("/v1/deny/" + hashes.getLast()).then().body("reason", nullValue());
        fleet.awaitAdmission(
                new AdmissionKey.OfTorrent(InfoHash.ofHex(hashes.getLast())),
                record -> record instanceof Listed listed && listed.rule() == Rule.DENY);

        String better = fresh();
        importLines(better + "\nnonsense reason\n" + fresh())
                .then()
                .statusCode(422)
                .body("code", equalTo("invalid-field"))
                .body("field", equalTo("line 2"));
        importLines(better + " x" + "x".repeat(5_000)).then().statusCode(422).body("field", equalTo("line 1"));
        importLines(better + " \u0001").then().statusCode(422).body("field", equalTo("line 1"));
        importLines("").then().statusCode(200).body("added", equalTo(0));
    }

    @Test
    void theListIsReadInPages() {
        String first = "0000000002" + fresh().substring(10);
        String second = "0000000003" + fresh().substring(10) + fresh().substring(0, 24);
        deny(second);
        deny(first);
        Response page = Tenant.operator().get("/v1/deny?limit=1&cursor=" + "0000000001" + "f".repeat(30));
        assertThat(page.<List<String>>path("items.hash")).containsExactly(first);
        Response next = Tenant.operator()
                .queryParam("cursor", page.<String>path("next"))
                .get("/v1/deny?limit=1");
        assertThat(next.<List<String>>path("items.hash")).containsExactly(second);
    }

    @Test
    void aDeniedTorrentThatIsAllowedTooIsDenied() {
        String hash = fresh();
        AdmissionKey key = new AdmissionKey.OfTorrent(InfoHash.ofHex(hash));
        deny(hash + fresh().substring(0, 24));
        AdmissionRecord denied =
                fleet.awaitAdmission(key, record -> record instanceof Listed listed && listed.rule() == Rule.DENY);
        Tenant.operator()
                .contentType(ContentType.JSON)
                .body("{}")
                .put("/v1/tracker/allowed/" + hash)
                .then()
                .statusCode(200);
        Tenant.operator().get("/v1/deny?limit=1&cursor=" + hash).then().statusCode(200);
        String full = Tenant.operator().get("/v1/deny?limit=1&cursor=" + hash).path("items[0].hash");
        withdraw(full);
        AdmissionRecord allowed =
                fleet.awaitAdmission(key, record -> record instanceof Listed listed && listed.rule() == Rule.ALLOW);
        assertThat(allowed.rev()).isGreaterThan(denied.rev());
    }

    @Test
    void onlyTheOperatorMayAndOnlyHashesAreHashes() {
        String hash = fresh();
        tenant.asks().put("/v1/deny/" + hash).then().statusCode(403).body("code", equalTo("forbidden"));
        tenant.asks().get("/v1/deny").then().statusCode(403);
        for (String no : List.of("x", hash + "0", hash.substring(1), hash + hash)) {
            for (Method method : List.of(Method.PUT, Method.GET, Method.DELETE)) {
                Tenant.operator()
                        .request(method, "/v1/deny/" + no)
                        .then()
                        .statusCode(422)
                        .body("code", equalTo("invalid-field"))
                        .body("field", equalTo("hash"))
                        .body("rule", containsString("40 hexadecimal digits"));
            }
        }
        Tenant.operator().delete("/v1/deny/" + hash).then().statusCode(404);
        Tenant.operator().put("/v1/deny/" + hash).then().statusCode(200).body("reason", nullValue());
        Tenant.operator()
                .contentType(ContentType.JSON)
                .body(Map.of("reason", "x".repeat(1_001)))
                .put("/v1/deny/" + hash)
                .then()
                .statusCode(422)
                .body("field", equalTo("reason"));
    }

    private static String fresh() {
        return (UUID.randomUUID().toString() + UUID.randomUUID())
                .replace("-", "")
                .substring(0, 40);
    }
}
