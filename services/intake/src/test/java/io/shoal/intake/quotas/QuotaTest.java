package io.shoal.intake.quotas;

import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.nullValue;

import io.agroal.api.AgroalDataSource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.http.ContentType;
import io.restassured.response.Response;
import io.shoal.bittorrent.metainfo.Metainfo;
import io.shoal.contracts.Generation;
import io.shoal.contracts.objects.ObjectKeys;
import io.shoal.contracts.records.Bits;
import io.shoal.contracts.records.SliceRecord;
import io.shoal.contracts.records.StatusRecord;
import io.shoal.contracts.topics.Topic;
import io.shoal.intake.platform.Fleet;
import io.shoal.intake.platform.OnPlatform;
import io.shoal.intake.platform.Tenant;
import io.shoal.intake.platform.Torrents;
import io.shoal.objectstore.ObjectStore;
import jakarta.inject.Inject;
import java.nio.ByteBuffer;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What a tenant may store, hold and look for. */
@QuarkusTest
@OnPlatform
class QuotaTest {
    /** Files of {@link Torrents#several}: 1,000, 2,000, 17 MiB, 0 and 500 bytes. */
    private static final int LARGE = 17 << 20;

    private static final int ALL = LARGE + 3_500;

    @Inject
    ObjectStore store;

    @Inject
    AgroalDataSource database;

    private Tenant tenant = new Tenant("", "");

    @BeforeEach
    void aTenant() {
        tenant = Tenant.create();
    }

    private Response limit(String json) {
        return Tenant.operator()
                .contentType(ContentType.JSON)
                .body(json)
                .patch("/v1/tenants/" + tenant.id() + "/quota");
    }

    @Test
    void changesOfDifferentLimitsAtOnceAreAllKept() throws Exception {
        for (int round = 1; round <= 20; round++) {
            int value = round;
            try (var threads = Executors.newFixedThreadPool(2)) {
                var one = threads.submit(() -> limit("{\"transfers\":" + value + "}"));
                var other = threads.submit(() -> limit("{\"resolving\":" + value + "}"));
                one.get().then().statusCode(200);
                other.get().then().statusCode(200);
            }
            Tenant.operator()
                    .get("/v1/tenants/" + tenant.id() + "/quota")
                    .then()
                    .body("limits.transfers", equalTo(value))
                    .body("limits.resolving", equalTo(value));
        }
    }

    private long used(String quota) {
        return tenant.asks().get("/v1/account").jsonPath().getLong("quota.usage." + quota);
    }

    private static Map<String, Object> some(Metainfo torrent, Integer... files) {
        return Map.of("metainfo", torrent.encode(), "wanted", List.of(files));
    }

    @Test
    void theOperatorReadsAndSetsWhatTheTenantSees() {
        String path = "/v1/tenants/" + tenant.id() + "/quota";
        Tenant.operator()
                .get(path)
                .then()
                .statusCode(200)
                .body("limits.storedBytes", equalTo(1L << 40))
                .body("limits.transfers", equalTo(10_000))
                .body("limits.activeDownloads", equalTo(20))
                .body("limits.resolving", equalTo(50))
                .body("limits.requestsPerSecond", equalTo(1_000))
                .body("limits.requestBurst", equalTo(2_000))
                .body("usage.storedBytes", equalTo(0));
        limit("{\"transfers\":7,\"requestBurst\":9}")
                .then()
                .statusCode(200)
                .body("limits.transfers", equalTo(7))
                .body("limits.requestBurst", equalTo(9))
                .body("limits.storedBytes", equalTo(1L << 40));
        tenant.asks()
                .get("/v1/account")
                .then()
                .statusCode(200)
                .body("tenant", equalTo(tenant.id()))
                .body("quota.limits.transfers", equalTo(7));
        for (String field : List.of("storedBytes", "transfers", "activeDownloads", "resolving", "requestBurst")) {
            limit("{\"" + field + "\":-1}").then().statusCode(422).body("field", equalTo(field));
        }
        limit("{\"nonsense\":1}").then().statusCode(422);
        tenant.asks().get(path).then().statusCode(403);
        Tenant.operator().get("/v1/account").then().statusCode(403);
        Tenant.operator()
                .get("/v1/tenants/" + UUID.randomUUID() + "/quota")
                .then()
                .statusCode(404);
    }

    @Test
    void whatDoesNotFitIsRefusedAndNothingIsLeftOfIt() {
        limit("{\"storedBytes\":" + (ALL + 3_000) + "}").then().statusCode(200);
        String first = tenant.add(Torrents.several());
        Metainfo second = Torrents.several();
        tenant.submit(second)
                .then()
                .statusCode(409)
                .contentType("application/problem+json")
                .body("code", equalTo("quota-exceeded"))
                .body("quota", equalTo("stored-bytes"))
                .body("limit", equalTo(ALL + 3_000))
                .body("used", equalTo(ALL))
                .body("needed", equalTo(ALL));
        assertThat(used("transfers")).isEqualTo(1);
        tenant.submit(some(second, 0, 1)).then().statusCode(201);
        assertThat(used("storedBytes")).isEqualTo(ALL + 3_000);
        tenant.submit(second).then().statusCode(200);
        tenant.remove(first);
        assertThat(used("storedBytes")).isEqualTo(3_000);
        tenant.submit(Torrents.several()).then().statusCode(201);
    }

    @Test
    void selectingDownloadingAndDeselectingDoesNotBypassIt() {
        limit("{\"storedBytes\":" + LARGE + "}").then().statusCode(200);
        Response added = tenant.submit(some(Torrents.several(), 0, 1));
        String id = added.path("id");
        tenant.asks()
                .post("/v1/transfers/" + id + "/files/2/links")
                .then()
                .statusCode(409)
                .body("code", equalTo("not-wanted"));
        tenant.asks().post("/v1/transfers/" + id + "/files/1/links").then().statusCode(200);
        tenant.patch(id, "{\"wanted\":[2],\"ratio\":3}")
                .then()
                .statusCode(409)
                .body("code", equalTo("quota-exceeded"))
                .body("needed", equalTo(LARGE));
        tenant.get(id).then().body("ratio", nullValue());
        tenant.patch(id, "{\"wanted\":[0]}").then().statusCode(200);
        assertThat(used("storedBytes")).as("deselecting frees nothing").isEqualTo(3_000);
        tenant.patch(id, "{\"wanted\":[0,1,4]}").then().statusCode(200);
        assertThat(used("storedBytes")).as("charged once").isEqualTo(3_500);
        tenant.asks().post("/v1/transfers/" + id + "/files/2/links").then().statusCode(409);
        tenant.remove(id);
        assertThat(used("storedBytes")).isZero();
    }

    @Test
    void aLibraryHoldsNoMoreTransfersThanItMay() {
        limit("{\"transfers\":2}").then().statusCode(200);
        Metainfo torrent = Torrents.small();
        String first = tenant.add(torrent);
        tenant.submit(Map.of("magnet", Torrents.magnet(Torrents.small())))
                .then()
                .statusCode(201);
        tenant.submit(Map.of("magnet", Torrents.magnet(Torrents.small())))
                .then()
                .statusCode(409)
                .body("quota", equalTo("transfers"));
        tenant.submit(Torrents.small())
                .then()
                .statusCode(409)
                .body("quota", equalTo("transfers"))
                .body("limit", equalTo(2))
                .body("used", equalTo(2))
                .body("needed", equalTo(1));
        tenant.submit(torrent).then().statusCode(200).body("id", equalTo(first));
        tenant.remove(first);
        tenant.submit(Torrents.small()).then().statusCode(201);
    }

    @Test
    void noMoreMagnetsAreResolvedAtOnceThanMayBe() {
        limit("{\"resolving\":1}").then().statusCode(200);
        String first = tenant.submit(Map.of("magnet", Torrents.magnet(Torrents.small())))
                .path("id");
        String second = Torrents.magnet(Torrents.small());
        tenant.submit(Map.of("magnet", second))
                .then()
                .statusCode(409)
                .body("quota", equalTo("resolving"))
                .body("used", equalTo(1));
        assertThat(used("transfers")).isEqualTo(1);
        tenant.patch(first, "{\"paused\":true}").then().statusCode(200);
        tenant.submit(Map.of("magnet", second)).then().statusCode(201);
        tenant.patch(first, "{\"paused\":false}").then().statusCode(409).body("quota", equalTo("resolving"));
        tenant.get(first).then().body("state", equalTo("PAUSED"));
        tenant.submit(Map.of("magnet", Torrents.magnet(Torrents.small()), "paused", true))
                .then()
                .statusCode(201);
    }

    @Test
    void aMagnetOverTheQuotaIsBlockedAndPlannedWhenThereIsRoom() throws Exception {
        limit("{\"storedBytes\":" + (ALL + 1_000) + "}").then().statusCode(200);
        String first = tenant.add(Torrents.several());
        Metainfo large = Torrents.several();
        Metainfo small = Torrents.several();
        try (Fleet fleet = new Fleet()) {
            String over = resolve(fleet, Map.of("magnet", Torrents.magnet(large)), large);
            Tenant.await().until(() -> tenant.state(over), "BLOCKED"::equals);
            tenant.get(over).then().body("reason", equalTo("quota")).body("size", nullValue());
            fleet.awaitTombstone(Topic.SLICES, "resolve/" + over);
            assertThat(store.size(ObjectKeys.resolved(UUID.fromString(over)))).isPresent();
            String fits = resolve(fleet, Map.of("magnet", Torrents.magnet(small), "wanted", List.of(0)), small);
            tenant.awaitState(fits, "QUEUED");
            assertThat(used("storedBytes")).isEqualTo(ALL + 1_000);

            tenant.remove(first);

            tenant.awaitState(over, "QUEUED");
            tenant.get(over).then().body("reason", nullValue()).body("size", equalTo(ALL));
            assertThat(used("storedBytes")).isEqualTo(ALL + 1_000);
            Tenant.await()
                    .until(() -> store.size(ObjectKeys.resolved(UUID.fromString(over)))
                            .isEmpty());
        }
    }

    @Test
    void aBlockedMagnetIsPlannedWhenLessIsWantedOrMoreAllowed() throws Exception {
        limit("{\"storedBytes\":2000}").then().statusCode(200);
        Metainfo narrowed = Torrents.several();
        Metainfo allowed = Torrents.several();
        try (Fleet fleet = new Fleet()) {
            String first = resolve(fleet, Map.of("magnet", Torrents.magnet(narrowed)), narrowed);
            String second = resolve(fleet, Map.of("magnet", Torrents.magnet(allowed)), allowed);
            tenant.awaitState(first, "BLOCKED");
            tenant.awaitState(second, "BLOCKED");
            tenant.patch(first, "{\"wanted\":[0]}").then().statusCode(200);
            tenant.awaitState(first, "QUEUED");
            limit("{\"storedBytes\":" + (1L << 30) + "}").then().statusCode(200);
            tenant.awaitState(second, "QUEUED");
            assertThat(used("storedBytes")).isEqualTo(ALL + 1_000);
        }
    }

    private String resolve(Fleet fleet, Map<String, ?> submission, Metainfo torrent) throws Exception {
        String id = tenant.submit(submission).path("id");
        SliceRecord slice = fleet.awaitSlice("resolve/" + id, s -> true);
        String key = ObjectKeys.resolved(UUID.fromString(id));
        store.put(key, ByteBuffer.wrap(torrent.info().bytes()));
        fleet.say(
                "resolve/" + id,
                Fleet.status(new Generation(1), slice.rev(), 1, StatusRecord.State.RESOLVED, null, Bits.NONE, 0, key));
        return id;
    }

    @Test
    void parallelSubmissionsNeverOvershootAndNothingLeaks() throws Exception {
        limit("{\"storedBytes\":" + (5 * ALL + 10) + ",\"transfers\":8}").then().statusCode(200);
        List<Callable<Response>> submissions = new ArrayList<>();
        for (int i = 0; i < 12; i++) {
            Metainfo torrent = Torrents.several();
            submissions.add(() -> tenant.submit(torrent));
            submissions.add(() -> tenant.submit(some(torrent, 0)));
        }
        Collections.shuffle(submissions);
        List<Response> answers = together(submissions);
        assertThat(answers)
                .allMatch(answer -> Stream.of(200, 201, 409).anyMatch(status -> status == answer.statusCode()));
        assertThat(used("storedBytes")).isEqualTo(charged()).isPositive().isLessThanOrEqualTo(5L * ALL + 10);
        List<String> there = tenant.asks().get("/v1/transfers?limit=200").path("items.id");
        assertThat(used("transfers")).isEqualTo(there.size()).isBetween(5L, 8L);

        List<Callable<Response>> changes = new ArrayList<>();
        for (String id : there) {
            changes.add(() -> tenant.patch(id, "{\"wanted\":[0,1,2,4]}"));
            changes.add(() -> tenant.patch(id, "{\"wanted\":[1]}"));
            changes.add(() -> tenant.asks().delete("/v1/transfers/" + id));
        }
        together(changes);
        assertThat(used("storedBytes")).isZero();
        assertThat(used("transfers")).isZero();
    }

    private long charged() throws SQLException {
        try (var connection = database.getConnection();
                var query = connection.prepareStatement(
                        "select coalesce(sum(charged_bytes), 0) from transfer where tenant_id = ?")) {
            query.setObject(1, UUID.fromString(tenant.id()));
            try (var row = query.executeQuery()) {
                row.next();
                return row.getLong(1);
            }
        }
    }

    private static List<Response> together(List<Callable<Response>> calls) throws Exception {
        try (ExecutorService threads = Executors.newFixedThreadPool(8)) {
            List<Response> answers = new ArrayList<>();
            for (Future<Response> answer : threads.invokeAll(calls)) {
                answers.add(answer.get());
            }
            return answers;
        }
    }
}
