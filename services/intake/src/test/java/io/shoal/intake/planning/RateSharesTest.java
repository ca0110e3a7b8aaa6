package io.shoal.intake.planning;

import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.equalTo;

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

    @Test
    void aTenantWithoutRatesHasNoLimits() {
        Metainfo torrent = Torrents.small();
        tenant.add(torrent);

        awaitLimits(torrent, 0, 0);
    }
}
