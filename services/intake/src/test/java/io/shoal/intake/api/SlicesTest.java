package io.shoal.intake.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasSize;
import static org.hamcrest.Matchers.nullValue;

import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.Response;
import io.shoal.bittorrent.metainfo.Metainfo;
import io.shoal.contracts.TorrentId;
import io.shoal.contracts.records.SliceRecord;
import io.shoal.contracts.records.StatusRecord.State;
import io.shoal.intake.platform.Fleet;
import io.shoal.intake.platform.OnPlatform;
import io.shoal.intake.platform.Tenant;
import io.shoal.intake.platform.Torrents;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** The operator sees which worker has a slice; tenants see neither workers nor generations. */
@QuarkusTest
@OnPlatform
class SlicesTest {
    private static Response slices(String query) {
        return Tenant.operator().get("/v1/slices?" + query);
    }

    @Test
    void theOperatorSeesTheWorkerAndTheGenerationAndTheTenantDoesNot() {
        Tenant tenant = Tenant.create();
        Metainfo torrent = Torrents.small();
        String id = tenant.add(torrent);
        String torrentId = TorrentId.of(tenant.id(), torrent.info().hash()).value();
        try (Fleet fleet = new Fleet()) {
            SliceRecord slice = fleet.awaitSlice(torrentId + "/0", s -> true);
            slices("torrent=" + torrentId)
                    .then()
                    .statusCode(200)
                    .body("items[0].torrentState", equalTo("LIVE"))
                    .body("items[0].report", nullValue());
            fleet.say(torrentId + "/0", Fleet.status(slice, 7, State.DOWNLOADING, 0, 0));
            tenant.awaitState(id, "DOWNLOADING");
            Tenant.await().until(() -> slices("torrent=" + torrentId).path("items[0].report") != null);

            for (String query : new String[] {"torrent=" + torrentId, "transfer=" + id}) {
                Response answer = slices(query);
                answer.then()
                        .statusCode(200)
                        .body("items", hasSize(1))
                        .body("items[0].key", equalTo(torrentId + "/0"))
                        .body("items[0].torrent", equalTo(torrentId))
                        .body("items[0].mode", equalTo("RUN"))
                        .body("items[0].report.worker", equalTo("worker-7"))
                        .body("items[0].report.epoch", equalTo(7))
                        .body("items[0].report.state", equalTo("DOWNLOADING"))
                        .body("items[0].report.reason", nullValue());
                assertThat(((Number) answer.path("items[0].generation")).longValue())
                        .isEqualTo(slice.gen().value());
                assertThat(((Number) answer.path("items[0].rev")).longValue()).isEqualTo(slice.rev());
            }
            Map<String, Object> shown = tenant.get(id).jsonPath().getMap("");
            assertThat(shown).doesNotContainKeys("worker", "generation", "epoch");
            assertThat(tenant.get(id).asString()).doesNotContain("worker-7");
        }
    }

    @Test
    void aSearchForMetadataIsASliceToo() {
        Tenant tenant = Tenant.create();
        String id = tenant.submit(Map.of("magnet", Torrents.magnet(Torrents.small())))
                .path("id");
        slices("transfer=" + id)
                .then()
                .statusCode(200)
                .body("items[0].key", equalTo("resolve/" + id))
                .body("items[0].torrent", nullValue())
                .body("items[0].generation", nullValue())
                .body("items[0].mode", equalTo("RUN"));
    }

    @Test
    void whatDoesNotExistIsNotFoundAndTenantsAreRefused() {
        Tenant tenant = Tenant.create();
        slices("torrent=" + "a".repeat(26)).then().statusCode(404);
        slices("torrent=nothing").then().statusCode(422).body("field", equalTo("torrent"));
        slices("transfer=" + UUID.randomUUID()).then().statusCode(404);
        Tenant.operator().get("/v1/slices").then().statusCode(422).body("code", equalTo("invalid-field"));
        slices("torrent=nothing&transfer=" + UUID.randomUUID()).then().statusCode(422);
        tenant.asks().get("/v1/slices?torrent=nothing").then().statusCode(403);
    }
}
