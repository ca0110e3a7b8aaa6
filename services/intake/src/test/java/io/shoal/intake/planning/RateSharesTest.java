package io.shoal.intake.planning;

import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.nullValue;

import io.quarkus.test.junit.QuarkusTest;
import io.restassured.http.ContentType;
import io.restassured.response.Response;
import io.shoal.bittorrent.metainfo.Metainfo;
import io.shoal.contracts.TorrentId;
import io.shoal.contracts.records.SliceRecord;
import io.shoal.contracts.records.SliceRecord.SliceLimits;
import io.shoal.contracts.topics.SliceKey;
import io.shoal.intake.platform.Fleet;
import io.shoal.intake.platform.OnPlatform;
import io.shoal.intake.platform.Tenant;
import io.shoal.intake.platform.Torrents;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A tenant's rates as its workers are told them. */
@QuarkusTest
@OnPlatform
class RateSharesTest {
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

    private void quota(String json) {
        Tenant.operator()
                .contentType(ContentType.JSON)
                .body(json)
                .patch("/v1/tenants/" + tenant.id() + "/quota")
                .then()
                .statusCode(200);
    }

    private SliceRecord awaitSlice(String owner, Metainfo torrent, Predicate<SliceRecord> expected) {
        TorrentId id = TorrentId.of(owner, torrent.info().hash());
        return fleet.awaitSlice(new SliceKey.OfTorrent(id, 0).toString(), expected);
    }

    private void awaitLimits(Metainfo torrent, long down, long up) {
        awaitLimits(tenant.id(), torrent, down, up);
    }

    private void awaitLimits(String owner, Metainfo torrent, long down, long up) {
        awaitSlice(owner, torrent, slice -> new SliceLimits(down, up).equals(slice.limits()));
    }

    @Test
    void torrentsThatRunHaveEqualSharesOfTheTenantsRates() {
        quota("{\"downRate\":1000000,\"upRate\":500000}");
        Metainfo first = Torrents.small();
        tenant.add(first);
        SliceRecord added = awaitSlice(tenant.id(), first, slice -> true);
        assertThat(added.limits()).as("from the first record on").isEqualTo(new SliceLimits(1_000_000, 500_000));
        assertThat(added.owner()).isEqualTo(tenant.id());

        Metainfo second = Torrents.small();
        String paused = tenant.add(second);
        awaitLimits(first, 500_000, 250_000);
        awaitLimits(second, 500_000, 250_000);

        tenant.patch(paused, "{\"paused\":true}").then().statusCode(200);
        awaitLimits(first, 1_000_000, 500_000);

        quota("{\"downRate\":0}");
        awaitLimits(first, 0, 500_000);
        Tenant.operator()
                .get("/v1/tenants/" + tenant.id() + "/quota")
                .then()
                .body("limits.downRate", equalTo(0))
                .body("limits.upRate", equalTo(500_000));
    }

    @Test
    void torrentsOfAPoolShareThePoolsRatesAndNotThoseOfItsMembers() {
        quota("{\"downRate\":1000,\"upRate\":1000}");
        String pool = Tenant.operator()
                .contentType(ContentType.JSON)
                .body("{\"name\":\"a pool\"}")
                .post("/v1/pools")
                .path("id");
        Tenant.operator()
                .contentType(ContentType.JSON)
                .body("{\"pool\":\"" + pool + "\"}")
                .put("/v1/tenants/" + tenant.id() + "/pool")
                .then()
                .statusCode(200);
        Metainfo before = Torrents.small();
        tenant.add(before);
        awaitLimits("pool/" + pool, before, 0, 0);

        rates(pool, "{\"downRate\":800000,\"upRate\":600000}");
        awaitLimits("pool/" + pool, before, 800_000, 600_000);
        Metainfo later = Torrents.small();
        tenant.add(later);
        SliceRecord added = awaitSlice("pool/" + pool, later, slice -> true);
        assertThat(added.limits()).as("from the first record on").isEqualTo(new SliceLimits(400_000, 300_000));
        awaitLimits("pool/" + pool, before, 400_000, 300_000);
        tenant.patch(idOf(before), "{\"downRate\":5}").then().body("downRate", equalTo(5));
        Metainfo third = add(5, 5);
        awaitLimits("pool/" + pool, before, 266_666, 200_000);
        awaitLimits("pool/" + pool, third, 266_666, 200_000);
        tenant.remove(idOf(third));
        awaitLimits("pool/" + pool, before, 400_000, 300_000);

        rates(pool, "{\"upRate\":0}");
        awaitLimits("pool/" + pool, before, 400_000, 0);
        Tenant.operator()
                .get("/v1/pools/" + pool)
                .then()
                .body("downRate", equalTo(800_000))
                .body("upRate", equalTo(0));
        patch(pool, "{\"downRate\":-1}").then().statusCode(422).body("field", equalTo("downRate"));
        patch(UUID.randomUUID().toString(), "{\"downRate\":1}").then().statusCode(404);
        patch("x", "{\"downRate\":1}").then().statusCode(422).body("field", equalTo("id"));
    }

    private static void rates(String pool, String json) {
        patch(pool, json).then().statusCode(200);
    }

    private static Response patch(String pool, String json) {
        return Tenant.operator().contentType(ContentType.JSON).body(json).patch("/v1/pools/" + pool);
    }

    private Metainfo add(long downRate, long upRate) {
        Metainfo torrent = Torrents.small();
        tenant.submit(Map.of("metainfo", torrent.encode(), "downRate", downRate, "upRate", upRate))
                .then()
                .statusCode(201)
                .body("downRate", equalTo(downRate == 0 ? null : (int) downRate))
                .body("upRate", equalTo(upRate == 0 ? null : (int) upRate));
        return torrent;
    }

    private String idOf(Metainfo torrent) {
        return tenant.asks()
                .queryParam("text", torrent.info().name())
                .get("/v1/transfers")
                .path("items[0].id");
    }

    @Test
    void aTransferHasNoMoreThanItsOwnRatesAndTheOthersHaveWhatItLeaves() {
        quota("{\"downRate\":1000000,\"upRate\":500000}");
        Metainfo slow = add(100_000, 0);
        assertThat(awaitSlice(tenant.id(), slow, slice -> true).limits())
                .as("from the first record on")
                .isEqualTo(new SliceLimits(100_000, 500_000));
        Metainfo slower = add(50_000, 20_000);
        Metainfo other = add(0, 0);
        awaitLimits(slow, 100_000, 240_000);
        awaitLimits(slower, 50_000, 20_000);
        awaitLimits(other, 850_000, 240_000);

        // A limit above the share leaves nothing, and is no claim to more.
        tenant.patch(idOf(slow), "{\"downRate\":900000}").then().body("downRate", equalTo(900_000));
        awaitLimits(slow, 475_000, 240_000);
        awaitLimits(other, 475_000, 240_000);

        tenant.patch(idOf(slow), "{\"downRate\":null}").then().body("downRate", nullValue());
        tenant.patch(idOf(slower), "{\"downRate\":0,\"upRate\":null}").then().body("upRate", nullValue());
        awaitLimits(slow, 333_333, 166_666);
        awaitLimits(slower, 333_333, 166_666);
    }

    @Test
    void ratesOfATransferHoldWithoutThoseOfItsTenantAndAtOnce() {
        Metainfo torrent = add(0, 7_000);
        awaitLimits(torrent, 0, 7_000);
        String id = idOf(torrent);
        for (int down : List.of(100_000, 99_999, 100_001)) {
            tenant.patch(id, "{\"downRate\":" + down + "}").then().statusCode(200);
            awaitLimits(torrent, down, 7_000);
        }
        tenant.patch(id, "{\"paused\":true}").then().statusCode(200);
        awaitSlice(tenant.id(), torrent, slice -> slice.mode() == SliceRecord.Mode.STOP);
        tenant.patch(id, "{\"upRate\":8000}").then().statusCode(200);
        tenant.patch(id, "{\"paused\":false}").then().statusCode(200);
        SliceRecord again = awaitSlice(tenant.id(), torrent, slice -> slice.mode() == SliceRecord.Mode.RUN);
        assertThat(again.limits()).isEqualTo(new SliceLimits(100_001, 8_000));

        quota("{\"downRate\":3000}");
        awaitLimits(torrent, 3_000, 8_000);
        quota("{\"downRate\":0}");
        awaitLimits(torrent, 100_001, 8_000);
        tenant.patch(id, "{\"downRate\":null,\"upRate\":0}").then().statusCode(200);
        awaitLimits(torrent, 0, 0);
    }

    @Test
    void ratesAreChecked() {
        String id = tenant.add(Torrents.small());
        for (String field : List.of("downRate", "upRate")) {
            for (String wrong : List.of("-1", "1.5", "\"1\"", "true", "99999999999999999999")) {
                tenant.patch(id, "{\"" + field + "\":" + wrong + "}")
                        .then()
                        .statusCode(422)
                        .body("field", equalTo(field));
            }
            tenant.submit(Map.of("magnet", Torrents.magnet(Torrents.small()), field, -1))
                    .then()
                    .statusCode(422)
                    .body("field", equalTo(field));
        }
        for (String wrong : List.of("null", "1", "\"true\"")) {
            tenant.patch(id, "{\"force\":" + wrong + "}").then().statusCode(422).body("field", equalTo("force"));
        }
    }

    @Test
    void aTenantWithoutRatesHasNoLimits() {
        Metainfo torrent = Torrents.small();
        tenant.add(torrent);

        awaitLimits(torrent, 0, 0);
    }
}
