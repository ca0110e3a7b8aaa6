package io.shoal.intake.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.contains;
import static org.hamcrest.Matchers.empty;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasSize;
import static org.hamcrest.Matchers.nullValue;

import io.quarkus.test.junit.QuarkusTest;
import io.restassured.http.ContentType;
import io.restassured.response.Response;
import io.shoal.bittorrent.metainfo.Metainfo;
import io.shoal.intake.platform.OnPlatform;
import io.shoal.intake.platform.Tenant;
import io.shoal.intake.platform.Torrents;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Labels, categories, names and numbers: how a tenant finds its transfers. */
@QuarkusTest
@OnPlatform
class FilingTest {
    private Tenant tenant = new Tenant("", "");

    @BeforeEach
    void aTenant() {
        tenant = Tenant.create();
    }

    private Response createCategory(String name) {
        return tenant.asks()
                .contentType(ContentType.JSON)
                .body(Map.of("name", name, "savePath", "/data/" + name))
                .post("/v1/categories");
    }

    private static String base64(Metainfo torrent) {
        return Base64.getEncoder().encodeToString(torrent.encode());
    }

    @Test
    void theyComeWithTheTorrent() {
        createCategory("tv").then().statusCode(201);
        Metainfo torrent = Torrents.small();
        tenant.submit(Map.of(
                        "metainfo",
                        base64(torrent),
                        "labels",
                        List.of("b", " a ", "b"),
                        "category",
                        "tv",
                        "displayName",
                        "Shown"))
                .then()
                .statusCode(201)
                .body("labels", contains("a", "b"))
                .body("category", equalTo("tv"))
                .body("displayName", equalTo("Shown"))
                .body("name", equalTo(torrent.info().name()));
        tenant.submit(Map.of("magnet", Torrents.magnet(Torrents.small()), "labels", List.of("m"), "category", "tv"))
                .then()
                .statusCode(201)
                .body("labels", contains("m"))
                .body("category", equalTo("tv"));
    }

    @Test
    void theyAreChangedAndTakenAway() {
        createCategory("films").then().statusCode(201);
        String id = tenant.add(Torrents.small());
        tenant.patch(id, "{\"labels\":[\"x\"],\"category\":\"films\",\"displayName\":\"Mine\"}")
                .then()
                .statusCode(200)
                .body("labels", contains("x"))
                .body("category", equalTo("films"))
                .body("displayName", equalTo("Mine"));
        tenant.patch(id, "{\"paused\":true}")
                .then()
                .body("labels", contains("x"))
                .body("category", equalTo("films"))
                .body("displayName", equalTo("Mine"));
        tenant.patch(id, "{\"labels\":null,\"category\":null,\"displayName\":null}")
                .then()
                .statusCode(200)
                .body("labels", empty())
                .body("category", nullValue())
                .body("displayName", nullValue());
    }

    @Test
    void aWrongOneNamesFieldAndRule() {
        String id = tenant.add(Torrents.small());
        for (String change : List.of(
                "{\"labels\":[\"a,b\"]}", "{\"labels\":\"a\"}", "{\"labels\":[1]}", "{\"labels\":[\"\\ud800\"]}")) {
            tenant.patch(id, change).then().statusCode(422).body("field", equalTo("labels"));
        }
        tenant.patch(id, "{\"displayName\":\"\\u0007\"}").then().statusCode(422).body("field", equalTo("displayName"));
        tenant.patch(id, "{\"labels\":[\"kept-out\"],\"category\":\"unknown\"}")
                .then()
                .statusCode(422)
                .body("field", equalTo("category"));
        tenant.get(id).then().body("labels", empty());
        tenant.submit(Map.of("metainfo", base64(Torrents.small()), "category", "unknown"))
                .then()
                .statusCode(422)
                .body("field", equalTo("category"));
        tenant.submit(Map.of("metainfo", base64(Torrents.small()), "labels", List.of("")))
                .then()
                .statusCode(422)
                .body("field", equalTo("labels"));
        tenant.asks().get("/v1/transfers").then().body("items", hasSize(1));
    }

    @Test
    void aNumberIsNeverGivenTwice() throws Exception {
        String first = tenant.add(Torrents.small());
        String second = tenant.add(Torrents.small());
        tenant.get(first).then().body("number", equalTo(1));
        tenant.get(second).then().body("number", equalTo(2));
        tenant.remove(second);
        tenant.get(tenant.add(Torrents.small())).then().body("number", equalTo(3));
        tenant.submit(Map.of("magnet", Torrents.magnet(Torrents.small())))
                .then()
                .body("number", equalTo(4));
        Tenant other = Tenant.create();
        other.get(other.add(Torrents.small())).then().body("number", equalTo(1));

        List<Integer> numbers = new ArrayList<>();
        try (var threads = Executors.newFixedThreadPool(8)) {
            List<Callable<Response>> adds = IntStream.range(0, 16)
                    .<Callable<Response>>mapToObj(i -> () -> tenant.submit(Torrents.small()))
                    .toList();
            for (Future<Response> answer : threads.invokeAll(adds)) {
                numbers.add(answer.get().path("number"));
            }
        }
        assertThat(numbers)
                .containsExactlyInAnyOrderElementsOf(
                        IntStream.rangeClosed(5, 20).boxed().toList());
    }

    @Test
    void aCategoryKeepsItsTransfersWhenItIsRenamed() {
        String category = createCategory("old").path("id");
        createCategory("taken").then().statusCode(201);
        createCategory("old").then().statusCode(409).body("code", equalTo("category-exists"));
        tenant.asks()
                .get("/v1/categories")
                .then()
                .body("items.name", contains("old", "taken"))
                .body("items.savePath", contains("/data/old", "/data/taken"));
        String id = tenant.add(Torrents.small());
        tenant.patch(id, "{\"category\":\"old\"}").then().statusCode(200);
        changeCategory(category, "{\"name\":\"taken\"}")
                .then()
                .statusCode(409)
                .body("code", equalTo("category-exists"));
        changeCategory(category, "{\"name\":\"new\",\"savePath\":null}")
                .then()
                .statusCode(200)
                .body("name", equalTo("new"))
                .body("savePath", nullValue());
        changeCategory(category, "{\"name\":null}").then().statusCode(422).body("field", equalTo("name"));
        changeCategory(category, "{\"names\":\"a\"}").then().statusCode(422).body("field", equalTo("names"));
        tenant.get(id).then().body("category", equalTo("new"));
        tenant.patch(id, "{\"category\":\"old\"}").then().statusCode(422);
    }

    private Response changeCategory(String id, String json) {
        return tenant.asks().contentType(ContentType.JSON).body(json).patch("/v1/categories/" + id);
    }

    @Test
    void aDeletedCategoryReleasesItsTransfers() {
        String category = createCategory("gone").path("id");
        String id = tenant.add(Torrents.small());
        tenant.patch(id, "{\"category\":\"gone\"}").then().body("category", equalTo("gone"));
        tenant.asks().delete("/v1/categories/" + category).then().statusCode(204);
        tenant.asks().delete("/v1/categories/" + category).then().statusCode(404);
        tenant.asks().get("/v1/categories").then().body("items", empty());
        tenant.get(id).then().statusCode(200).body("category", nullValue());
        createCategory("gone").then().statusCode(201);
        tenant.get(id).then().body("category", nullValue());
    }

    @Test
    void categoriesOfOthersDoNotExist() {
        String category = createCategory("mine").path("id");
        Tenant other = Tenant.create();
        for (String id : List.of(category, UUID.randomUUID().toString(), "nonsense")) {
            other.asks().get("/v1/categories/" + id).then().statusCode(404);
            other.asks().delete("/v1/categories/" + id).then().statusCode(404);
            other.asks()
                    .contentType(ContentType.JSON)
                    .body("{\"name\":\"x\"}")
                    .patch("/v1/categories/" + id)
                    .then()
                    .statusCode(404);
        }
        other.patch(other.add(Torrents.small()), "{\"category\":\"mine\"}")
                .then()
                .statusCode(422);
        tenant.asks().get("/v1/categories/" + category).then().statusCode(200).body("name", equalTo("mine"));
    }
}
