package io.shoal.intake.progress;

import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.contains;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasSize;
import static org.hamcrest.Matchers.nullValue;

import io.agroal.api.AgroalDataSource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.http.ContentType;
import io.restassured.response.Response;
import io.shoal.bittorrent.metainfo.Metainfo;
import io.shoal.bittorrent.metainfo.MetainfoBuilder;
import io.shoal.contracts.TorrentId;
import io.shoal.contracts.records.SliceRecord;
import io.shoal.contracts.records.SliceRecord.Mode;
import io.shoal.contracts.records.StatusRecord;
import io.shoal.contracts.records.StatusRecord.State;
import io.shoal.contracts.records.StatusRecord.Tracker;
import io.shoal.intake.platform.Fleet;
import io.shoal.intake.platform.OnPlatform;
import io.shoal.intake.platform.Tenant;
import io.shoal.intake.platform.Torrents;
import jakarta.inject.Inject;
import java.nio.charset.StandardCharsets;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The trackers and web seeds of a transfer: shown with what the fleet has seen of them, and changed. */
@QuarkusTest
@OnPlatform
class TrackersTest {
    private static final String FIRST = "http://one.example/announce?passkey=secret";
    private static final String SECOND = "udp://two.example:6969";
    private static final String THIRD = "https://three.example:8443/secret/announce";
    private static final String SEED = "https://seed.example/secret/";

    @Inject
    AgroalDataSource database;

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

    private static Metainfo torrent() {
        return new Metainfo(Torrents.small().info(), List.of(List.of(FIRST, SECOND), List.of(THIRD)), List.of(SEED));
    }

    private static String path(String id) {
        return "/v1/transfers/" + id + "/trackers";
    }

    private Response trackers(String id) {
        return tenant.asks().get(path(id));
    }

    private static Response change(Tenant tenant, String id, Map<String, ?> change) {
        return tenant.asks().contentType(ContentType.JSON).body(change).patch(path(id));
    }

    private static String slice(String owner, Metainfo torrent) {
        return TorrentId.of(owner, torrent.info().hash()) + "/0";
    }

    private static Tracker tracker(
            String url, String code, boolean isPlanned, Instant next, @Nullable Instant last, int seeds) {
        return new Tracker(
                Tracker.id(url),
                true,
                next.toEpochMilli(),
                code,
                next.toEpochMilli(),
                new Tracker.Figures(
                        isPlanned, last == null ? null : last.toEpochMilli(), seeds < 0 ? null : seeds, null, 50));
    }

    private String key(String... scopes) {
        return tenant.asks()
                .contentType(ContentType.JSON)
                .body(Map.of("name", "a key", "scopes", List.of(scopes)))
                .post("/v1/keys")
                .path("key");
    }

    @Test
    void whatTheFleetHasSeenIsShown() {
        Metainfo torrent = torrent();
        String id = tenant.add(torrent);
        trackers(id)
                .then()
                .statusCode(200)
                .body("trackers.url", contains(FIRST, SECOND, THIRD))
                .body(
                        "trackers.host",
                        contains("http://one.example", "udp://two.example:6969", "https://three.example:8443"))
                .body("trackers.tier", contains(0, 0, 1))
                .body("trackers.state", contains("not-contacted", "not-contacted", "not-contacted"))
                .body("trackers.nextAnnounceAt", contains(nullValue(), nullValue(), nullValue()))
                .body("webSeeds.url", contains(SEED))
                .body("webSeeds.host", contains("https://seed.example"))
                .body("webSeeds.state", contains("not-contacted"))
                .body("webSeeds.code", contains(nullValue()));
        String slice = slice(tenant.id(), torrent);
        Instant next = Instant.parse("2100-01-01T00:00:00Z");
        Instant last = Instant.parse("2020-01-01T00:00:00Z");
        StatusRecord status = Fleet.status(fleet.awaitSlice(slice, found -> true), 1, State.DOWNLOADING, 0, 0);
        fleet.say(
                slice,
                Fleet.with(
                        status,
                        0,
                        tracker(FIRST, "ok", true, next, last, 7),
                        tracker(SECOND, "timeout", false, last, last, -1),
                        tracker(THIRD, "waiting", true, last, null, -1),
                        Tracker.ofWebSeed(SEED, "no-range")));
        Tenant.await().until(() -> trackers(id).path("trackers[0].state"), "working"::equals);
        trackers(id)
                .then()
                .body("trackers.state", contains("working", "failing", "updating"))
                .body("trackers.code", contains(null, "timeout", null))
                .body("trackers.nextAnnounceAt", contains("2100-01-01T00:00:00Z", null, "2020-01-01T00:00:00Z"))
                .body("trackers.lastAnnounceAt", contains("2020-01-01T00:00:00Z", "2020-01-01T00:00:00Z", null))
                .body("trackers.seeds", contains(7, null, null))
                .body("trackers.leeches", contains(nullValue(), nullValue(), nullValue()))
                .body("trackers.peers", contains(50, 50, 50))
                .body("webSeeds.state", contains("failing"))
                .body("webSeeds.code", contains("no-range"));

        tenant.patch(id, "{\"paused\":true}").then().statusCode(200);
        trackers(id)
                .then()
                .body("trackers.state", contains("not-contacted", "not-contacted", "not-contacted"))
                .body("trackers[0].lastAnnounceAt", equalTo("2020-01-01T00:00:00Z"))
                .body("trackers[0].nextAnnounceAt", nullValue());
    }

    @Test
    void aStatusInWhichNoTrackerHasAnsweredAnythingNewWritesNothing() throws Exception {
        Metainfo torrent = torrent();
        String id = tenant.add(torrent);
        String slice = slice(tenant.id(), torrent);
        SliceRecord wanted = fleet.awaitSlice(slice, found -> true);
        Instant later = Instant.parse("2100-01-01T00:00:00Z");
        Tracker[] seen = {tracker(FIRST, "ok", true, later, later, 1), tracker(SECOND, "ok", true, later, later, 2)};
        fleet.say(slice, Fleet.with(Fleet.status(wanted, 1, State.DOWNLOADING, 0, 0), 0, seen));
        String torrentId = TorrentId.of(tenant.id(), torrent.info().hash()).value();
        Tenant.await().until(() -> !written(torrentId).isEmpty());
        String written = written(torrentId);

        // The same, in another order, with other totals, and in another state of the transfer; then one that is new.
        Collections.reverse(Arrays.asList(seen));
        fleet.say(slice, Fleet.with(Fleet.status(wanted, 1, State.DOWNLOADING, 0, 100), 0, seen));
        fleet.say(slice, Fleet.with(Fleet.status(wanted, 1, State.SEEDING, 1, 200), 0, seen));
        tenant.awaitState(id, "SEEDING");
        writeOthers();
        assertThat(written(torrentId)).isEqualTo(written);
        fleet.say(slice, Fleet.with(Fleet.status(wanted, 1, State.SEEDING, 1, 200), 0, seen[0]));
        Tenant.await().until(() -> !written(torrentId).equals(written));
    }

    /** Returns when trackers of another torrent have been written twice: what was acted upon before is written too. */
    private void writeOthers() {
        Metainfo other = torrent();
        String id = tenant.add(other);
        String slice = slice(tenant.id(), other);
        Instant later = Instant.parse("2100-01-01T00:00:00Z");
        SliceRecord wanted = fleet.awaitSlice(slice, found -> true);
        for (int round = 1; round <= 2; round++) {
            int seeds = round;
            fleet.say(
                    slice,
                    Fleet.with(
                            Fleet.status(wanted, 1, State.DOWNLOADING, 0, 0),
                            0,
                            tracker(FIRST, "ok", true, later, later, seeds)));
            Tenant.await()
                    .until(
                            () -> trackers(id).path("trackers[0].seeds"),
                            (Integer shown) -> shown != null && shown == seeds);
        }
    }

    /** The row of a torrent, and the transaction that wrote it; empty if there is none. */
    private String written(String torrent) throws SQLException {
        try (var connection = database.getConnection();
                var select = connection.prepareStatement(
                        "select t.xmin::text || ' ' || t.states from torrent_trackers t where t.torrent_id = ?")) {
            select.setString(1, torrent);
            try (ResultSet row = select.executeQuery()) {
                return row.next() ? row.getString(1) : "";
            }
        }
    }

    @Test
    void aSearchForMetadataHasTrackersToo() {
        Metainfo torrent = torrent();
        String id = tenant.submit(Map.of("magnet", Torrents.magnet(torrent))).path("id");
        trackers(id)
                .then()
                .body("trackers.url", contains(FIRST, SECOND, THIRD))
                .body("trackers.tier", contains(0, 1, 2));
        SliceRecord search = fleet.awaitSlice("resolve/" + id, found -> true);
        Instant later = Instant.parse("2100-01-01T00:00:00Z");
        fleet.say(
                "resolve/" + id,
                Fleet.with(
                        Fleet.status(search, 1, State.RESOLVING, 0, 0),
                        0,
                        tracker(SECOND, "ok", true, later, later, 3)));
        Tenant.await().until(() -> trackers(id).path("trackers[1].state"), "working"::equals);
        change(tenant, id, Map.of("trackers", List.of(List.of(SECOND))))
                .then()
                .statusCode(200)
                .body("trackers.url", contains(SECOND))
                .body("trackers.state", contains("working"));
        SliceRecord changed =
                fleet.awaitSlice("resolve/" + id, found -> found.trackers().equals(List.of(List.of(SECOND))));
        assertThat(changed.rev()).isGreaterThan(search.rev());

        // The .torrent brings its own along.
        tenant.submit(torrent).then().statusCode(200).body("id", equalTo(id));
        trackers(id).then().body("trackers.url", contains(SECOND, FIRST, THIRD));
    }

    @Test
    void theyAreReplacedAsAWhole() {
        Metainfo torrent = torrent();
        String id = tenant.add(torrent);
        String slice = slice(tenant.id(), torrent);
        SliceRecord before = fleet.awaitSlice(slice, found -> true);
        tenant.get(id).then().body("tracker", equalTo("http://one.example"));
        String since = tenant.asks().get("/v1/changes").path("next");
        change(tenant, id, Map.of("trackers", List.of(List.of(THIRD, " " + THIRD + " "), List.of(), List.of(SECOND))))
                .then()
                .statusCode(200)
                .body("trackers.url", contains(THIRD, SECOND))
                .body("trackers.tier", contains(0, 1))
                .body("webSeeds.url", contains(SEED));
        SliceRecord changed = fleet.awaitSlice(slice, found -> found.rev() > before.rev());
        assertThat(changed.trackers()).isEqualTo(List.of(List.of(THIRD), List.of(SECOND)));
        assertThat(changed.webSeeds()).isEqualTo(List.of(SEED));
        tenant.get(id).then().body("tracker", equalTo("https://three.example:8443"));
        Tenant.await()
                .until(() -> tenant.asks()
                        .queryParam("since", since)
                        .get("/v1/changes")
                        .<List<String>>path("changed.id")
                        .equals(List.of(id)));

        change(tenant, id, Map.of("webSeeds", List.of()))
                .then()
                .statusCode(200)
                .body("trackers", hasSize(2))
                .body("webSeeds", hasSize(0));
        SliceRecord without = fleet.awaitSlice(slice, found -> found.webSeeds().isEmpty());
        change(tenant, id, Map.of("webSeeds", List.of())).then().statusCode(200);
        change(tenant, id, Map.of()).then().statusCode(200);
        change(tenant, id, Map.of("trackers", List.of())).then().statusCode(200).body("trackers", hasSize(0));
        SliceRecord none = fleet.awaitSlice(slice, found -> found.trackers().isEmpty());
        assertThat(none.rev()).isGreaterThan(without.rev());
        tenant.get(id).then().body("tracker", nullValue());
    }

    @Test
    void ourTrackerServesATorrentThatIsGivenItsUrl() {
        Metainfo torrent = torrent();
        String id = tenant.add(torrent);
        TorrentId torrentId = TorrentId.of(tenant.id(), torrent.info().hash());
        fleet.awaitTorrent(torrentId, found -> !found.tracked());
        change(
                        tenant,
                        id,
                        Map.of("trackers", List.of(List.of(Torrents.OUR_TRACKER), List.of("http://a_b.example/x|y"))))
                .then()
                .statusCode(200);
        fleet.awaitTorrent(torrentId, found -> found.tracked());
    }

    @Test
    void thoseOfAPrivateTorrentStay() {
        String name = UUID.randomUUID() + ".txt";
        Metainfo torrent = Torrents.build(MetainfoBuilder.ofBytes(name, name.getBytes(StandardCharsets.UTF_8))
                .trackers(List.of(FIRST))
                .makePrivate());
        String id = tenant.add(torrent);
        Response asked = tenant.submit(Map.of("magnet", Torrents.magnet(torrent()), "private", true));
        for (String each : List.of(id, asked.<String>path("id"))) {
            change(tenant, each, Map.of("trackers", List.of()))
                    .then()
                    .statusCode(409)
                    .body("code", equalTo("private-torrent"));
        }
        trackers(id).then().body("trackers.url", contains(FIRST));
    }

    @Test
    void aWrongChangeNamesFieldAndRule() {
        String id = tenant.add(torrent());
        List<Object> wrong = new ArrayList<>(List.of(
                "x",
                List.of(FIRST),
                List.of(List.of("ftp://x.example/")),
                List.of(List.of("http://x.example/\nhttp://y.example/")),
                List.of(List.of("http://x.example/\0")),
                List.of(List.of("http://x.example/" + "x".repeat(2_048))),
                List.of(List.of(1)),
                List.of(Collections.singletonList(null)),
                List.of(IntStream.range(0, 65)
                        .mapToObj(i -> "http://x.example/" + i)
                        .toList())));
        wrong.add(List.of(IntStream.range(0, 64)
                .mapToObj(i -> "http://x.example/%02dy".formatted(i) + "€".repeat(676))
                .toList()));
        for (Object trackers : wrong) {
            change(tenant, id, Map.of("trackers", trackers))
                    .then()
                    .statusCode(422)
                    .body("code", equalTo("invalid-field"))
                    .body("field", equalTo("trackers"));
        }
        for (Object webSeeds : List.of(
                "x",
                List.of(SECOND),
                List.of(List.of(SEED)),
                IntStream.range(0, 17).mapToObj(i -> SEED + i).toList())) {
            change(tenant, id, Map.of("webSeeds", webSeeds))
                    .then()
                    .statusCode(422)
                    .body("field", equalTo("webSeeds"));
        }
        change(tenant, id, Map.of("peers", List.of())).then().statusCode(422).body("field", equalTo("peers"));
        trackers(id).then().body("trackers", hasSize(3)).body("webSeeds", hasSize(1));
    }

    @Test
    void urlsAreShownOnlyWhereTheyCanBeChanged() {
        Metainfo torrent = torrent();
        String id = tenant.add(torrent);
        String reader = key("read");
        Response shown = Tenant.bearer(reader).get(path(id));
        shown.then()
                .statusCode(200)
                .body("trackers.url", contains(nullValue(), nullValue(), nullValue()))
                .body("trackers[0].host", equalTo("http://one.example"))
                .body("webSeeds.url", contains(nullValue()));
        assertThat(shown.asString()).doesNotContain("secret");
        for (String each : List.of(
                "/v1/transfers",
                "/v1/transfers/" + id,
                "/v1/transfers/" + id + "/metainfo",
                "/v1/transfers/" + id + "/files")) {
            Response read = Tenant.bearer(reader).get(each);
            read.then().statusCode(200);
            assertThat(new String(read.asByteArray(), StandardCharsets.ISO_8859_1))
                    .doesNotContain("secret");
        }
        assertThat(tenant.asks().get("/v1/transfers").asString()).doesNotContain("secret");
        Tenant other = Tenant.create();
        other.asks().get(path(id)).then().statusCode(404);
        change(other, id, Map.of("trackers", List.of())).then().statusCode(404);
        trackers(id).then().body("trackers", hasSize(3));
    }

    @Test
    void membersOfAPoolSeeTheirOwnOnly() {
        String pool = Tenant.operator()
                .contentType(ContentType.JSON)
                .body(Map.of("name", "a pool"))
                .post("/v1/pools")
                .path("id");
        Tenant other = Tenant.create();
        for (Tenant member : List.of(tenant, other)) {
            Tenant.operator()
                    .contentType(ContentType.JSON)
                    .body(Map.of("pool", pool))
                    .put("/v1/tenants/" + member.id() + "/pool")
                    .then()
                    .statusCode(200);
        }
        Metainfo torrent = torrent();
        String first = tenant.add(new Metainfo(torrent.info(), List.of(List.of(FIRST)), List.of()));
        String second = other.add(new Metainfo(torrent.info(), List.of(List.of(THIRD)), List.of()));
        String slice = slice("pool/" + pool, torrent);
        SliceRecord both = fleet.awaitSlice(slice, found -> found.trackers().size() == 2);
        Instant later = Instant.parse("2100-01-01T00:00:00Z");
        fleet.say(
                slice,
                Fleet.with(
                        Fleet.status(both, 1, State.DOWNLOADING, 0, 0),
                        0,
                        tracker(FIRST, "ok", true, later, later, 1),
                        tracker(THIRD, "tls", true, later, later, -1)));
        Tenant.await().until(() -> trackers(first).path("trackers[0].state"), "working"::equals);
        trackers(first).then().body("trackers.url", contains(FIRST));
        other.asks()
                .get(path(second))
                .then()
                .body("trackers.url", contains(THIRD))
                .body("trackers.state", contains("failing"))
                .body("trackers.code", contains("tls"));

        change(other, second, Map.of("trackers", List.of(List.of(SECOND))))
                .then()
                .statusCode(200);
        SliceRecord changed = fleet.awaitSlice(slice, found -> found.rev() > both.rev());
        assertThat(changed.trackers()).isEqualTo(List.of(List.of(FIRST), List.of(SECOND)));
        assertThat(changed.mode()).isEqualTo(Mode.RUN);
        trackers(first).then().body("trackers.url", contains(FIRST));
    }
}
