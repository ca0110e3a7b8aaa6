package io.shoal.intake.planning;

import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.equalTo;

import io.quarkus.test.junit.QuarkusTest;
import io.restassured.http.ContentType;
import io.shoal.bittorrent.metainfo.Metainfo;
import io.shoal.contracts.TorrentId;
import io.shoal.contracts.records.SliceRecord;
import io.shoal.contracts.records.SliceRecord.SliceLimits;
import io.shoal.contracts.topics.SliceKey;
import io.shoal.intake.platform.Fleet;
import io.shoal.intake.platform.OnPlatform;
import io.shoal.intake.platform.Tenant;
import io.shoal.intake.platform.Torrents;
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

    private SliceRecord awaitSlice(Metainfo torrent, Predicate<SliceRecord> expected) {
        TorrentId id = TorrentId.of(tenant.id(), torrent.info().hash());
        return fleet.awaitSlice(new SliceKey.OfTorrent(id, 0).toString(), expected);
    }

    private void awaitLimits(Metainfo torrent, long down, long up) {
        awaitSlice(torrent, slice -> new SliceLimits(down, up).equals(slice.limits()));
    }

    @Test
    void torrentsThatRunHaveEqualSharesOfTheTenantsRates() {
        quota("{\"downRate\":1000000,\"upRate\":500000}");
        Metainfo first = Torrents.small();
        tenant.add(first);
        SliceRecord added = awaitSlice(first, slice -> true);
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
    void aTenantWithoutRatesHasNoLimits() {
        Metainfo torrent = Torrents.small();
        tenant.add(torrent);

        awaitLimits(torrent, 0, 0);
    }
}
