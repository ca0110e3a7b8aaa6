package io.shoal.intake.planning;

import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.contains;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.notNullValue;
import static org.hamcrest.Matchers.nullValue;

import io.quarkus.test.junit.QuarkusTest;
import io.restassured.http.ContentType;
import io.restassured.response.Response;
import io.shoal.bittorrent.metainfo.Metainfo;
import io.shoal.contracts.TorrentId;
import io.shoal.contracts.records.SliceRecord;
import io.shoal.contracts.records.SliceRecord.Mode;
import io.shoal.contracts.records.StatusRecord.State;
import io.shoal.intake.platform.Fleet;
import io.shoal.intake.platform.OnPlatform;
import io.shoal.intake.platform.Tenant;
import io.shoal.intake.platform.Torrents;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What a tenant asks for once: to verify what is stored, and to announce. */
@QuarkusTest
@OnPlatform
class TransferActionsTest {
    /** Segments of {@link Torrents#several}: a pack of the first two files, two of the large one, and the last file. */
    private static final int SEGMENTS = 4;

    private static final int ALL_BYTES = (17 << 20) + 3_500;
    private static final int LAST_BYTES = 500;

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

    private static Response ask(Tenant tenant, String id, String action) {
        return tenant.asks().post("/v1/transfers/" + id + "/" + action);
    }

    private static Response askMany(Tenant tenant, String action, String... ids) {
        return tenant.asks()
                .contentType(ContentType.JSON)
                .body(Map.of("ids", List.of(ids)))
                .post("/v1/transfers/" + action);
    }

    private String sliceOf(Metainfo torrent) {
        return TorrentId.of(tenant.id(), torrent.info().hash()) + "/0";
    }

    private SliceRecord awaitRun(String slice) {
        return fleet.awaitSlice(slice, found -> found.mode() == Mode.RUN);
    }

    /** Adds a torrent of which the fleet has stored everything. */
    private String addStored(Metainfo torrent) {
        String id = tenant.add(torrent);
        fleet.say(sliceOf(torrent), Fleet.status(awaitRun(sliceOf(torrent)), 1, State.SEEDING, SEGMENTS, 0));
        tenant.awaitState(id, "SEEDING");
        return id;
    }

    private SliceRecord awaitCheck(String slice, int check) {
        return fleet.awaitSlice(slice, found -> found.check() == check);
    }

    private void awaitChecked(Tenant of, String id) {
        Tenant.await().until(() -> of.get(id).path("checking"), checking -> Boolean.FALSE.equals(checking));
    }

    @Test
    void aVerificationThatFindsEverythingChangesNothing() {
        Metainfo torrent = Torrents.several();
        String id = addStored(torrent);
        String completedAt = tenant.get(id).path("times.completedAt");
        ask(tenant, id, "verify")
                .then()
                .statusCode(200)
                .body("checking", equalTo(true))
                .body("state", equalTo("SEEDING"))
                .body("progress.storedBytes", equalTo(ALL_BYTES));
        SliceRecord asked = awaitCheck(sliceOf(torrent), 1);
        ask(tenant, id, "verify").then().statusCode(200).body("checking", equalTo(true));

        // The worker lists the store: it has not answered the check.
        fleet.say(sliceOf(torrent), Fleet.status(asked, 1, State.STARTING, SEGMENTS, 0));
        fleet.say(sliceOf(torrent), Fleet.with(Fleet.status(asked, 1, State.SEEDING, SEGMENTS, 0), 1));
        awaitChecked(tenant, id);
        tenant.get(id)
                .then()
                .body("state", equalTo("SEEDING"))
                .body("times.completedAt", equalTo(completedAt))
                .body("times.secondsDownloading", equalTo(0));
        ask(tenant, id, "verify")
                .then()
                .statusCode(200)
                .body("checking", equalTo(false)); // that of a moment ago is the answer
        tenant.patch(id, "{\"paused\":true}");
        assertThat(fleet.awaitSlice(sliceOf(torrent), found -> found.mode() == Mode.STOP)
                        .check())
                .isEqualTo(1);
    }

    @Test
    void whatIsMissingIsDownloadedAgain() {
        Metainfo torrent = Torrents.several();
        String id = addStored(torrent);
        ask(tenant, id, "verify").then().statusCode(200);
        SliceRecord asked = awaitCheck(sliceOf(torrent), 1);
        fleet.say(sliceOf(torrent), Fleet.with(Fleet.status(asked, 1, State.DOWNLOADING, SEGMENTS - 1, 0), 1));
        tenant.awaitState(id, "DOWNLOADING");
        tenant.get(id)
                .then()
                .body("checking", equalTo(false))
                .body("times.completedAt", nullValue())
                .body("progress.storedBytes", equalTo(ALL_BYTES - LAST_BYTES));
        fleet.say(sliceOf(torrent), Fleet.with(Fleet.status(asked, 1, State.SEEDING, SEGMENTS, 0), 1));
        tenant.awaitState(id, "SEEDING");
    }

    @Test
    void aTransferThatHasSeededEnoughGoesOnIfSomethingIsMissing() {
        Metainfo torrent = Torrents.several();
        String id = addStored(torrent);
        tenant.patch(id, "{\"ratio\":0}").then().statusCode(200);
        tenant.awaitState(id, "DONE");
        ask(tenant, id, "verify").then().statusCode(200).body("state", equalTo("DONE"));
        SliceRecord asked =
                fleet.awaitSlice(sliceOf(torrent), found -> found.mode() == Mode.STOP && found.check() == 1);
        fleet.say(sliceOf(torrent), Fleet.with(Fleet.status(asked, 1, State.STOPPED, SEGMENTS - 1, 0), 1));
        SliceRecord again = fleet.awaitSlice(sliceOf(torrent), found -> found.mode() == Mode.RUN && found.check() == 1);
        tenant.get(id)
                .then()
                .body("state", equalTo("QUEUED"))
                .body("progress.storedBytes", equalTo(ALL_BYTES - LAST_BYTES));
        fleet.say(sliceOf(torrent), Fleet.with(Fleet.status(again, 1, State.SEEDING, SEGMENTS, 0), 1));
        tenant.awaitState(id, "DONE");
    }

    @Test
    void aPausedTransferIsVerifiedAndStaysPaused() {
        Metainfo torrent = Torrents.several();
        String id = addStored(torrent);
        tenant.patch(id, "{\"paused\":true}").then().statusCode(200);
        ask(tenant, id, "verify").then().statusCode(200).body("checking", equalTo(true));
        SliceRecord asked = awaitCheck(sliceOf(torrent), 1);
        assertThat(asked.mode()).isEqualTo(Mode.STOP);
        fleet.say(sliceOf(torrent), Fleet.with(Fleet.status(asked, 1, State.STOPPED, SEGMENTS - 1, 0), 1));
        awaitChecked(tenant, id);
        tenant.get(id)
                .then()
                .body("state", equalTo("PAUSED"))
                .body("times.completedAt", nullValue())
                .body("progress.storedBytes", equalTo(ALL_BYTES - LAST_BYTES));
    }

    @Test
    void oneMembersVerificationMovesNoOtherMember() {
        Tenant other = Tenant.create();
        String pool = Tenant.operator()
                .contentType(ContentType.JSON)
                .body(Map.of("name", "a pool"))
                .post("/v1/pools")
                .path("id");
        for (Tenant member : List.of(tenant, other)) {
            Tenant.operator()
                    .contentType(ContentType.JSON)
                    .body(Map.of("pool", pool))
                    .put("/v1/tenants/" + member.id() + "/pool")
                    .then()
                    .statusCode(200);
        }
        Metainfo torrent = Torrents.several();
        String slice = TorrentId.of("pool/" + pool, torrent.info().hash()) + "/0";
        String all = tenant.add(torrent);
        String large = other.submit(Map.of("metainfo", torrent.encode(), "wanted", List.of(2)))
                .path("id");
        SliceRecord both = awaitRun(slice);
        fleet.say(slice, Fleet.status(both, 1, State.SEEDING, SEGMENTS, 0));
        tenant.awaitState(all, "SEEDING");
        other.awaitState(large, "SEEDING");

        ask(tenant, all, "verify").then().statusCode(200).body("checking", equalTo(true));
        other.get(large).then().body("checking", equalTo(false)).body("state", equalTo("SEEDING"));
        SliceRecord asked = awaitCheck(slice, 1);
        fleet.say(slice, Fleet.status(asked, 1, State.STARTING, SEGMENTS, 0));
        // The last file is missing, which the other does not want.
        fleet.say(slice, Fleet.with(Fleet.status(asked, 1, State.DOWNLOADING, SEGMENTS - 1, 0), 1));
        tenant.awaitState(all, "DOWNLOADING");
        other.get(large)
                .then()
                .body("state", equalTo("SEEDING"))
                .body("times.completedAt", notNullValue())
                .body("times.secondsDownloading", equalTo(0));
    }

    @Test
    void anAnnounceIsAskedForOnceAMinute() {
        Metainfo torrent = Torrents.several();
        String id = tenant.add(torrent);
        SliceRecord before = awaitRun(sliceOf(torrent));
        assertThat(before.reannounces()).isZero();
        ask(tenant, id, "reannounce").then().statusCode(200).body("state", equalTo("QUEUED"));
        SliceRecord asked = fleet.awaitSlice(sliceOf(torrent), found -> found.reannounces() == 1);
        assertThat(asked.rev()).isGreaterThan(before.rev());
        ask(tenant, id, "reannounce").then().statusCode(200);
        tenant.patch(id, "{\"paused\":true}").then().statusCode(200);
        ask(tenant, id, "reannounce").then().statusCode(200);
        assertThat(fleet.awaitSlice(sliceOf(torrent), found -> found.mode() == Mode.STOP)
                        .reannounces())
                .isEqualTo(1);
    }

    @Test
    void theSearchForMetadataAnnouncesToo() {
        Metainfo torrent = Torrents.several();
        String id = tenant.submit(Map.of("magnet", Torrents.magnet(torrent))).path("id");
        fleet.awaitSlice("resolve/" + id, found -> found.mode() == Mode.RUN && found.reannounces() == 0);
        ask(tenant, id, "reannounce").then().statusCode(200).body("state", equalTo("RESOLVING"));
        fleet.awaitSlice("resolve/" + id, found -> found.mode() == Mode.RUN && found.reannounces() == 1);
        ask(tenant, id, "verify").then().statusCode(409).body("code", equalTo("metadata-pending"));
    }

    @Test
    void manyAreAskedForInOneRequest() {
        Metainfo torrent = Torrents.several();
        String id = addStored(torrent);
        String magnet = tenant.submit(Map.of("magnet", Torrents.magnet(Torrents.small())))
                .path("id");
        String others = Tenant.create().add(Torrents.small());
        String missing = UUID.randomUUID().toString();
        askMany(tenant, "verify", id, magnet, others, missing)
                .then()
                .statusCode(200)
                .body("results.code", contains(null, "metadata-pending", "not-found", "not-found"));
        askMany(tenant, "reannounce", id, magnet, others)
                .then()
                .statusCode(200)
                .body("results.code", contains(null, null, "not-found"));
        fleet.awaitSlice(sliceOf(torrent), found -> found.check() == 1 && found.reannounces() == 1);
        tenant.asks()
                .contentType(ContentType.JSON)
                .body("{\"ids\":[]}")
                .post("/v1/transfers/verify")
                .then()
                .statusCode(422)
                .body("field", equalTo("ids"));
    }

    @Test
    void whatIsAskedForIsAChangeOfTheLibrary() {
        Metainfo torrent = Torrents.several();
        String id = addStored(torrent);
        String before = tenant.asks().get("/v1/changes").path("next");
        ask(tenant, id, "verify").then().statusCode(200);
        Response asked = Tenant.await()
                .until(
                        () -> tenant.asks().queryParam("since", before).get("/v1/changes"),
                        changes -> !changes.<List<String>>path("changed.id").isEmpty());
        asked.then().body("changed.id", contains(id)).body("changed.checking", contains(true));
        String since = asked.path("next");
        SliceRecord slice = awaitCheck(sliceOf(torrent), 1);
        fleet.say(sliceOf(torrent), Fleet.with(Fleet.status(slice, 1, State.SEEDING, SEGMENTS, 0), 1));
        Tenant.await()
                .until(() -> tenant.asks()
                        .queryParam("since", since)
                        .get("/v1/changes")
                        .<List<Boolean>>path("changed.checking")
                        .equals(List.of(false)));
    }
}
