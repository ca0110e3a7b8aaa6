package io.shoal.intake.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.contains;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasSize;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.notNullValue;
import static org.hamcrest.Matchers.nullValue;

import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.Response;
import io.shoal.bittorrent.metainfo.Metainfo;
import io.shoal.intake.platform.OnPlatform;
import io.shoal.intake.platform.Tenant;
import io.shoal.intake.platform.Torrents;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Adding, looking, changing and removing, as a tenant does it. */
@QuarkusTest
@OnPlatform
class TransfersTest {
    private Tenant tenant = new Tenant("", "");

    @BeforeEach
    void aTenant() {
        tenant = Tenant.create();
    }

    @Test
    void aTorrentIsAddedOnce() {
        Metainfo torrent = Torrents.several();
        Response first = tenant.submit(torrent);
        String id = first.path("id");
        first.then()
                .statusCode(201)
                .header("Location", org.hamcrest.Matchers.endsWith("/v1/transfers/" + id))
                .body("infoHash", equalTo(torrent.info().hash().hex()))
                .body("name", equalTo(torrent.info().name()))
                .body("state", equalTo("QUEUED"))
                .body("reason", nullValue())
                .body("paused", is(false))
                .body("private", is(false))
                .body("ratio", nullValue())
                .body("size", equalTo((17 << 20) + 3_500))
                .body("progress.wantedBytes", equalTo((17 << 20) + 3_500))
                .body("progress.storedBytes", equalTo(0));
        tenant.submit(torrent).then().statusCode(200).body("id", equalTo(id));
        tenant.submit(Map.of("metainfo", base64(torrent)))
                .then()
                .statusCode(200)
                .body("id", equalTo(id));
        tenant.submit(Map.of("magnet", Torrents.magnet(torrent)))
                .then()
                .statusCode(200)
                .body("id", equalTo(id));
        tenant.asks().get("/v1/transfers").then().body("items", hasSize(1));
    }

    @Test
    void addingAtTheSameTimeMakesOneTransfer() throws Exception {
        Metainfo torrent = Torrents.small();
        List<Future<Response>> answers;
        try (var threads = Executors.newFixedThreadPool(8)) {
            List<Callable<Response>> adds = new ArrayList<>();
            for (int i = 0; i < 8; i++) {
                adds.add(() -> tenant.submit(torrent));
            }
            answers = threads.invokeAll(adds);
        }
        Set<String> ids = new HashSet<>();
        List<Integer> codes = new ArrayList<>();
        for (Future<Response> answer : answers) {
            ids.add(answer.get().path("id"));
            codes.add(answer.get().statusCode());
        }
        assertThat(ids).hasSize(1);
        assertThat(codes).containsOnlyOnce(201).containsOnly(201, 200);
    }

    @Test
    void wishesComeWithTheTorrent() {
        Response added = tenant.submit(Map.of(
                "metainfo",
                base64(Torrents.several()),
                "wanted",
                List.of(0),
                "paused",
                true,
                "private",
                true,
                "ratio",
                2));
        added.then()
                .statusCode(201)
                .body("state", equalTo("PAUSED"))
                .body("paused", is(true))
                .body("private", is(true))
                .body("ratio", equalTo(2f))
                .body("progress.wantedBytes", equalTo(3_000));
        tenant.asks()
                .get("/v1/transfers/" + added.path("id") + "/files")
                .then()
                .body("items.wanted", contains(true, false, false, false, false));
    }

    @Test
    void filesAreListedWithCleanPaths() {
        Metainfo torrent = Torrents.several();
        String id = tenant.add(torrent);
        String folder = torrent.info().name();
        Response page = tenant.asks().get("/v1/transfers/" + id + "/files?limit=3");
        page.then()
                .statusCode(200)
                .body("items.index", contains(0, 1, 2))
                .body("items.path", contains(folder + "/a.txt", folder + "/b.txt", folder + "/large.bin"))
                .body("items.size", contains(1_000, 2_000, 17 << 20))
                .body("next", notNullValue());
        tenant.asks()
                .queryParam("cursor", page.<String>path("next"))
                .get("/v1/transfers/" + id + "/files")
                .then()
                .body("items.path", contains(folder + "/empty", folder + "/nästy  name_.txt"))
                .body("next", nullValue());
    }

    @Test
    void theMetainfoComesBackAsItWas() throws Exception {
        Metainfo torrent = Torrents.several();
        Response response = tenant.asks().get("/v1/transfers/" + tenant.add(torrent) + "/metainfo");
        response.then()
                .statusCode(200)
                .contentType("application/x-bittorrent")
                .header("Content-Disposition", org.hamcrest.Matchers.containsString(".torrent"));
        assertThat(Metainfo.parse(response.asByteArray())).isEqualTo(torrent);
    }

    @Test
    void aLibraryIsReadInPagesNewestFirst() {
        List<String> added = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            added.addFirst(tenant.add(Torrents.small()));
        }
        Response first = tenant.asks().get("/v1/transfers?limit=2");
        Response second =
                tenant.asks().queryParam("cursor", first.<String>path("next")).get("/v1/transfers?limit=2");
        Response third =
                tenant.asks().queryParam("cursor", second.<String>path("next")).get("/v1/transfers?limit=2");
        List<String> seen = new ArrayList<>(first.<List<String>>path("items.id"));
        seen.addAll(second.path("items.id"));
        seen.addAll(third.path("items.id"));
        assertThat(seen).isEqualTo(added);
        assertThat(third.<Object>path("next")).isNull();
    }

    @Test
    void wishesAreChanged() {
        String id = tenant.add(Torrents.several());
        tenant.patch(id, "{\"paused\":true,\"wanted\":[0,1],\"ratio\":1.5}")
                .then()
                .statusCode(200)
                .body("state", equalTo("PAUSED"))
                .body("ratio", equalTo(1.5f))
                .body("progress.wantedBytes", equalTo(3_000));
        tenant.patch(id, "{\"paused\":false,\"wanted\":null,\"ratio\":null}")
                .then()
                .statusCode(200)
                .body("state", equalTo("QUEUED"))
                .body("ratio", nullValue())
                .body("progress.wantedBytes", equalTo((17 << 20) + 3_500));
    }

    @Test
    void aWrongChangeNamesFieldAndRule() {
        String id = tenant.add(Torrents.several());
        refused(id, "{\"wanted\":[5]}", "wanted", "must be indexes of files of this torrent");
        refused(id, "{\"wanted\":[]}", "wanted", "must be a list of 1 to 100000 indexes of files");
        refused(id, "{\"wanted\":[1.5]}", "wanted", "must be a list of 1 to 100000 indexes of files");
        refused(id, "{\"ratio\":-1}", "ratio", "must be from 0 to 1000");
        refused(id, "{\"paused\":\"yes\"}", "paused", "must be true or false");
        refused(id, "{\"pause\":true}", "pause", "is not known here");
        refused(id, "[]", "body", "must be an object");
        tenant.patch(id, "{").then().statusCode(400).body("code", equalTo("malformed-json"));
    }

    private void refused(String id, String json, String field, String rule) {
        tenant.patch(id, json)
                .then()
                .statusCode(422)
                .contentType("application/problem+json")
                .body("code", equalTo("invalid-field"))
                .body("field", equalTo(field))
                .body("rule", equalTo(rule));
    }

    @Test
    void whatIsRemovedIsGone() {
        String id = tenant.add(Torrents.small());
        tenant.remove(id);
        tenant.get(id).then().statusCode(404);
        tenant.asks().delete("/v1/transfers/" + id).then().statusCode(404);
        tenant.asks().get("/v1/transfers").then().body("items", hasSize(0));
    }

    @Test
    void pagesHaveBounds() {
        for (String limit : List.of("0", "201", "x", "-1")) {
            tenant.asks()
                    .get("/v1/transfers?limit=" + limit)
                    .then()
                    .statusCode(422)
                    .body("field", equalTo("limit"))
                    .body("rule", equalTo("must be from 1 to 200"));
        }
        tenant.asks()
                .get("/v1/transfers?cursor=nonsense")
                .then()
                .statusCode(422)
                .body("field", equalTo("cursor"));
        for (String moment : List.of("+300000-01-01T00:00:00Z", "-300000-01-01T00:00:00Z", "1969-12-31T23:59:59Z")) {
            String cursor = moment + " 00000000-0000-0000-0000-000000000000";
            tenant.asks()
                    .queryParam(
                            "cursor", Base64.getUrlEncoder().encodeToString(cursor.getBytes(StandardCharsets.UTF_8)))
                    .get("/v1/transfers")
                    .then()
                    .statusCode(422)
                    .body("field", equalTo("cursor"));
        }
    }

    private static String base64(Metainfo torrent) {
        return Base64.getEncoder().encodeToString(torrent.encode());
    }
}
