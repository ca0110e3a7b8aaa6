package io.shoal.intake.planning;

import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.contains;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasSize;

import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.Response;
import io.shoal.bittorrent.metainfo.Metainfo;
import io.shoal.contracts.TorrentId;
import io.shoal.contracts.records.SliceRecord;
import io.shoal.contracts.records.Wanted.Priority;
import io.shoal.intake.platform.Fleet;
import io.shoal.intake.platform.OnPlatform;
import io.shoal.intake.platform.Tenant;
import io.shoal.intake.platform.Torrents;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Priorities of files: from the tenant to the fleet. The torrents have five files. */
@QuarkusTest
@OnPlatform
class PrioritiesTest {
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

    private static String base64(Metainfo torrent) {
        return Base64.getEncoder().encodeToString(torrent.encode());
    }

    private List<String> priorities(String id) {
        return tenant.asks().get("/v1/transfers/" + id + "/files").path("items.priority");
    }

    private static boolean says(SliceRecord slice, Priority... files) {
        for (int file = 0; file < files.length; file++) {
            if (slice.wanted().of(file) != files[file]) {
                return false;
            }
        }
        return true;
    }

    @Test
    void theyComeWithTheTorrentAndReachTheFleet() {
        Metainfo torrent = Torrents.several();
        Response added = tenant.submit(Map.of(
                "metainfo",
                base64(torrent),
                "priorities",
                Map.of("high", List.of(2), "low", List.of(0, 1), "skip", List.of(3))));
        added.then().statusCode(201);
        String id = added.path("id");
        assertThat(priorities(id)).containsExactly("low", "low", "high", "skip", "normal");
        tenant.asks()
                .get("/v1/transfers/" + id + "/files")
                .then()
                .body("items.wanted", contains(true, true, true, false, true));
        fleet.awaitSlice(
                TorrentId.of(tenant.id(), torrent.info().hash()) + "/0",
                slice -> says(slice, Priority.LOW, Priority.LOW, Priority.HIGH, Priority.SKIP, Priority.NORMAL));
    }

    @Test
    void aChangeLeavesTheOtherFilesAsTheyAre() {
        Metainfo torrent = Torrents.several();
        String id = tenant.add(torrent);
        patch(id, "{\"priorities\":{\"high\":[0],\"low\":[4]}}");
        patch(id, "{\"priorities\":{\"skip\":[1]}}");
        assertThat(priorities(id)).containsExactly("high", "skip", "normal", "normal", "low");
        patch(id, "{\"priorities\":{\"normal\":[1]}}");
        assertThat(priorities(id)).containsExactly("high", "normal", "normal", "normal", "low");
        fleet.awaitSlice(
                TorrentId.of(tenant.id(), torrent.info().hash()) + "/0",
                slice -> says(slice, Priority.HIGH, Priority.NORMAL, Priority.NORMAL, Priority.NORMAL, Priority.LOW));
    }

    @Test
    void aFileThatStaysWantedKeepsItsPriority() {
        String id = tenant.add(Torrents.several());
        patch(id, "{\"priorities\":{\"high\":[0,1]}}");
        patch(id, "{\"wanted\":[0,2]}");
        assertThat(priorities(id)).containsExactly("high", "skip", "normal", "skip", "skip");
        patch(id, "{\"wanted\":null}");
        assertThat(priorities(id)).containsExactly("high", "normal", "normal", "normal", "normal");
        patch(id, "{\"wanted\":[3],\"priorities\":{\"low\":[3,4]}}");
        assertThat(priorities(id)).containsExactly("skip", "skip", "skip", "low", "low");
    }

    @Test
    void thoseOfAMagnetHoldWhenItsFilesAreKnown() {
        Metainfo torrent = Torrents.several();
        Response magnet = tenant.submit(Map.of(
                "magnet", Torrents.magnet(torrent), "priorities", Map.of("high", List.of(2), "skip", List.of(0))));
        magnet.then().statusCode(201);
        String id = magnet.path("id");
        patch(id, "{\"priorities\":{\"low\":[3]}}");
        tenant.submit(torrent).then().statusCode(200).body("id", equalTo(id));
        assertThat(priorities(id)).containsExactly("skip", "normal", "high", "low", "normal");
    }

    @Test
    void aWrongOneNamesFieldAndRule() {
        String id = tenant.add(Torrents.several());
        for (String wrong : List.of(
                "[]",
                "{\"urgent\":[0]}",
                "{\"high\":0}",
                "{\"high\":[-1]}",
                "{\"high\":[100000]}",
                "{\"high\":[1.5]}",
                "{\"high\":[5]}",
                "{\"high\":[0],\"low\":[0]}",
                "{\"skip\":[0,1,2,3,4]}")) {
            tenant.patch(id, "{\"priorities\":" + wrong + "}")
                    .then()
                    .statusCode(422)
                    .body("field", equalTo("priorities"));
        }
        tenant.patch(id, "{\"wanted\":[5],\"priorities\":{\"high\":[0]}}")
                .then()
                .statusCode(422)
                .body("field", equalTo("wanted"));
        assertThat(priorities(id)).containsOnly("normal");
        for (Map<String, List<Integer>> wrong : List.of(
                Map.of("high", List.of(0), "low", List.of(0)),
                Map.of("high", List.of(5)),
                Map.of("skip", List.of(0, 1, 2, 3, 4)))) {
            tenant.submit(Map.of("metainfo", base64(Torrents.several()), "priorities", wrong))
                    .then()
                    .statusCode(422)
                    .body("field", equalTo("priorities"));
        }
        tenant.asks().get("/v1/transfers").then().body("items", hasSize(1));
    }

    private void patch(String id, String json) {
        tenant.patch(id, json).then().statusCode(200);
    }
}
