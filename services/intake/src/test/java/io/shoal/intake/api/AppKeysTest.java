package io.shoal.intake.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.contains;
import static org.hamcrest.Matchers.containsInAnyOrder;
import static org.hamcrest.Matchers.empty;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasKey;
import static org.hamcrest.Matchers.not;
import static org.hamcrest.Matchers.nullValue;

import io.quarkus.narayana.jta.QuarkusTransaction;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.http.ContentType;
import io.restassured.response.Response;
import io.shoal.bittorrent.metainfo.Metainfo;
import io.shoal.intake.platform.OnPlatform;
import io.shoal.intake.platform.Tenant;
import io.shoal.intake.platform.Torrents;
import jakarta.inject.Inject;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.hibernate.Session;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** An app key sees and changes only the transfers that have its label. */
@QuarkusTest
@OnPlatform
class AppKeysTest {
    @Inject
    Session database;

    private Tenant tenant = new Tenant("", "");

    /** The same tenant with its app key. */
    private Tenant app = new Tenant("", "");

    @BeforeEach
    void createKey() {
        tenant = Tenant.create();
        app = new Tenant(tenant.id(), key("read", "write").path("key"));
    }

    private Response key(String... scopes) {
        return tenant.asks()
                .contentType(ContentType.JSON)
                .body(Map.of("name", "sonarr", "scopes", List.of(scopes), "label", " tv "))
                .post("/v1/keys");
    }

    private Response batch(Object ids, Map<String, ?> change) {
        return app.asks()
                .contentType(ContentType.JSON)
                .body(Map.of("ids", ids, "change", change))
                .patch("/v1/transfers");
    }

    private List<String> listed() {
        return app.asks().get("/v1/transfers").path("items.id");
    }

    private void label(String transfer, String... labels) {
        String list = String.join("\",\"", labels);
        tenant.patch(transfer, "{\"labels\":" + (labels.length == 0 ? "[]" : "[\"" + list + "\"]") + "}")
                .then()
                .statusCode(200);
    }

    @Test
    void aKeyAndItsSessionsShowTheirLabel() {
        key("read").then().statusCode(201).body("label", equalTo("tv"));
        key("read", "admin").then().statusCode(422).body("field", equalTo("scopes"));
        tenant.asks()
                .contentType(ContentType.JSON)
                .body(Map.of("name", "x", "scopes", List.of("read"), "label", "a,b"))
                .post("/v1/keys")
                .then()
                .statusCode(422)
                .body("field", equalTo("label"));
        tenant.asks().get("/v1/keys").then().body("items.label", contains(null, "tv", "tv"));
        tenant.asks()
                .get("/v1/keys/self")
                .then()
                .body("name", equalTo("first key"))
                .body("label", nullValue());

        String mine = app.add(Torrents.small());
        tenant.add(Torrents.small());
        Response session = app.asks().post("/v1/sessions");
        session.then().statusCode(201).body("label", equalTo("tv"));
        String token = session.path("token");
        Tenant.bearer(token)
                .get("/v1/keys/self")
                .then()
                .statusCode(200)
                .body("name", equalTo("sonarr"))
                .body("label", equalTo("tv"))
                .body("scopes", contains("read", "write"))
                .body("session.id", equalTo(session.path("id")));
        app.asks().get("/v1/keys/self").then().body("session", nullValue());
        Tenant.bearer(token).get("/v1/transfers").then().body("items.id", contains(mine));
    }

    @Test
    void listsHaveOnlyTransfersWithTheLabel() {
        String hidden = tenant.add(Torrents.small());
        String mine = tenant.add(Torrents.small());
        String both = tenant.add(Torrents.small());
        label(hidden, "films");
        label(mine, "tv");
        label(both, "films", "tv");
        assertThat(listed()).containsExactly(both, mine);
        app.asks().get("/v1/transfers?label=films").then().body("items.id", contains(both));
        app.asks().get("/v1/transfers?sort=name").then().body("items.id", containsInAnyOrder(mine, both));
        app.asks()
                .get("/v1/transfers/counts")
                .then()
                .statusCode(200)
                .body("total", equalTo(2))
                .body("labels.label", contains("tv", "films"))
                .body("labels.transfers", contains(2, 1));
        String foreign = tenant.asks().get("/v1/transfers?limit=1").path("next");
        app.asks().queryParam("cursor", foreign).get("/v1/transfers").then().statusCode(422);
    }

    @Test
    void batchesReachOnlyTransfersWithTheLabel() {
        String hidden = tenant.add(Torrents.small());
        String mine = app.add(Torrents.small());
        batch(List.of(hidden, mine), Map.of("paused", true))
                .then()
                .statusCode(200)
                .body("results.code", contains("not-found", null));
        app.asks()
                .contentType(ContentType.JSON)
                .body(Map.of("ids", List.of(hidden, mine)))
                .delete("/v1/transfers")
                .then()
                .statusCode(200)
                .body("results.code", contains("not-found", null));
        tenant.get(hidden).then().statusCode(200).body("paused", equalTo(false));
        tenant.get(mine).then().statusCode(404);
    }

    @Test
    void whatItAddsGetsTheLabelAndKeepsIt() {
        String torrent = app.add(Torrents.small());
        Response magnet = app.submit(Map.of("magnet", Torrents.magnet(Torrents.small()), "labels", List.of("new")));
        magnet.then().statusCode(201).body("labels", contains("new", "tv"));
        Response url = app.submit(Map.of("url", Torrents.magnet(Torrents.small())));
        url.then().statusCode(201).body("labels", contains("tv"));
        assertThat(listed()).containsExactly(url.path("id"), magnet.path("id"), torrent);

        app.patch(torrent, "{\"labels\":[]}").then().statusCode(200).body("labels", contains("tv"));
        app.patch(torrent, "{\"labels\":null}").then().statusCode(200).body("labels", contains("tv"));
        app.patch(torrent, "{\"labels\":[\"seen\"]}").then().body("labels", contains("seen", "tv"));
        batch(List.of(torrent), Map.of("labels", List.of())).then().body("results.done", contains(true));
        app.get(torrent).then().statusCode(200).body("labels", contains("tv"));

        List<String> most = IntStream.range(0, 32).mapToObj(i -> "l" + i).toList();
        app.submit(Map.of("magnet", Torrents.magnet(Torrents.small()), "labels", most))
                .then()
                .statusCode(422)
                .body("field", equalTo("labels"));
        batch(List.of(torrent), Map.of("labels", most)).then().body("results.code", contains("invalid-field"));
    }

    @Test
    void aTorrentThatIsThereWithoutTheLabelIsNeitherShownNorTouched() {
        Metainfo theirs = Torrents.small();
        String hidden = tenant.add(theirs);
        app.submit(theirs).then().statusCode(409).body("code", equalTo("exists-without-label"));
        Response refused = app.submit(Map.of("magnet", Torrents.magnet(theirs)));
        refused.then().statusCode(409).body("code", equalTo("exists-without-label"));
        assertThat(refused.asString())
                .doesNotContain(hidden)
                .doesNotContain(theirs.info().hash().hex());

        Metainfo searched = Torrents.small();
        String search =
                tenant.submit(Map.of("magnet", Torrents.magnet(searched))).path("id");
        app.submit(searched).then().statusCode(409);
        tenant.get(search).then().body("state", equalTo("RESOLVING")).body("labels", empty());
        tenant.get(hidden).then().body("labels", empty());
        assertThat(listed()).isEmpty();

        label(hidden, "tv");
        app.submit(theirs).then().statusCode(200).body("id", equalTo(hidden));
        app.submit(Map.of("magnet", Torrents.magnet(theirs)))
                .then()
                .statusCode(200)
                .body("id", equalTo(hidden));
    }

    @Test
    void changesTellOfTransfersWithTheLabelOnly() {
        String before = app.asks().get("/v1/changes").path("next");
        String hidden = tenant.add(Torrents.small());
        String mine = app.add(Torrents.small());
        String lost = app.add(Torrents.small());
        Response added = awaitChanges(before, List.of(mine, lost), List.of());
        assertThat(added.<List<String>>path("changed.id")).containsExactlyInAnyOrder(mine, lost);

        String next = added.path("next");
        tenant.patch(hidden, "{\"paused\":true}").then().statusCode(200);
        label(hidden, "films");
        label(hidden);
        label(lost, "films");
        tenant.remove(hidden);
        tenant.remove(mine);
        Response changed = awaitChanges(next, List.of(), List.of(lost, mine));
        assertThat(changed.<List<String>>path("changed.id")).isEmpty();
        assertThat(changed.<List<String>>path("removed")).containsExactlyInAnyOrder(lost, mine);

        label(lost, "tv"); // is back: its loss before is not told again
        Response back = awaitChanges(next, List.of(lost), List.of(mine));
        assertThat(back.<List<String>>path("changed.id")).containsExactly(lost);
        assertThat(back.<List<String>>path("removed")).containsExactly(mine);
    }

    private Response awaitChanges(String since, List<String> changed, List<String> removed) {
        return Tenant.await()
                .until(
                        () -> app.asks().queryParam("since", since).get("/v1/changes"),
                        now -> now.<List<String>>path("changed.id").containsAll(changed)
                                && now.<List<String>>path("removed").containsAll(removed));
    }

    @Test
    void numbersAndQuotasDoNotTellHowMuchElseThereIs() {
        tenant.add(Torrents.small());
        String one = app.add(Torrents.small());
        String two = app.add(Torrents.small());
        int number = app.get(one).path("number");
        assertThat(number).isPositive().isNotEqualTo(tenant.get(one).<Integer>path("number"));
        app.asks()
                .get("/v1/transfers")
                .then()
                .body("items.number", contains(app.get(two).<Integer>path("number"), number));

        Tenant.operator()
                .contentType(ContentType.JSON)
                .body(Map.of("transfers", 2))
                .patch("/v1/tenants/" + tenant.id() + "/quota")
                .then()
                .statusCode(200);
        Response refused = app.submit(Torrents.small());
        refused.then()
                .statusCode(409)
                .body("code", equalTo("quota-exceeded"))
                .body("quota", equalTo("transfers"))
                .body("$", not(hasKey("limit")))
                .body("$", not(hasKey("used")));
        assertThat(refused.<String>path("detail")).doesNotContainPattern("[0-9]");
        tenant.submit(Torrents.small())
                .then()
                .statusCode(409)
                .body("limit", equalTo(2))
                .body("used", equalTo(3));
    }

    @Test
    void categoriesAreReadAndCreatedButNotChanged() {
        Response made = app.asks()
                .contentType(ContentType.JSON)
                .body(Map.of("name", "tv"))
                .post("/v1/categories");
        made.then().statusCode(201);
        String path = "/v1/categories/" + made.path("id");
        app.asks().get("/v1/categories").then().body("items.name", contains("tv"));
        app.asks()
                .contentType(ContentType.JSON)
                .body(Map.of("name", "x"))
                .patch(path)
                .then()
                .statusCode(403)
                .body("code", equalTo("not-for-app-keys"));
        app.asks().delete(path).then().statusCode(403).body("code", equalTo("not-for-app-keys"));
        String mine = app.add(Torrents.small());
        app.patch(mine, "{\"category\":\"tv\"}").then().statusCode(200).body("category", equalTo("tv"));
    }

    @Test
    void linksAreMadeToFilesOfItsTransfersOnly() {
        String hidden = tenant.add(Torrents.small());
        String mine = app.add(Torrents.small());
        app.asks().post("/v1/transfers/" + mine + "/files/0/links").then().statusCode(200);
        app.asks().post("/v1/transfers/" + hidden + "/files/0/links").then().statusCode(404);
        label(mine);
        app.asks().post("/v1/transfers/" + mine + "/files/0/links").then().statusCode(404);
    }

    @Test
    void onlyItsTransfersAreMovedInTheQueueAndNoPositionTellsOfOthers() {
        String hidden = tenant.add(Torrents.small());
        String mine = app.add(Torrents.small());
        app.asks()
                .contentType(ContentType.JSON)
                .body(Map.of("ids", List.of(hidden, mine), "move", "top"))
                .post("/v1/transfers/queue")
                .then()
                .statusCode(200)
                .body("results.done", contains(false, true));
        tenant.get(mine).then().body("queuePosition", equalTo(0));
        tenant.get(hidden).then().body("queuePosition", equalTo(1));
        app.get(mine).then().body("queuePosition", equalTo(null));
    }

    @Test
    void aTransferThatLosesItsLabelBeforeItsLockIsThereIsNotMoved() {
        String mine = app.add(Torrents.small());
        CompletableFuture<Response> move = QuarkusTransaction.requiringNew().call(() -> {
            database.createNativeMutationQuery("update transfer set labels = '{}' where id = :id")
                    .setParameter("id", UUID.fromString(mine))
                    .executeUpdate();
            CompletableFuture<Response> asked = CompletableFuture.supplyAsync(() -> app.asks()
                    .contentType(ContentType.JSON)
                    .body(Map.of("ids", List.of(mine), "move", "top"))
                    .post("/v1/transfers/queue"));
            Tenant.await().until(() -> asked.isDone() || isLockWaitedFor());
            return asked;
        });
        move.join().then().statusCode(200).body("results.code", contains("not-found"));
    }

    private boolean isLockWaitedFor() {
        return QuarkusTransaction.requiringNew()
                        .call(() -> database.createNativeQuery(
                                        "select count(*) from pg_locks where not granted", Long.class)
                                .getSingleResult())
                > 0;
    }

    @Test
    void noCursorTellsHowManyTransfersThereWere() {
        String first = app.add(Torrents.small());
        tenant.remove(tenant.add(Torrents.small()));
        app.add(Torrents.small());
        for (String sort : List.of("queue", "added", "size", "name", "state")) {
            String cursor = app.asks()
                    .queryParams("sort", sort, "order", "asc", "limit", 1)
                    .get("/v1/transfers")
                    .path("next");
            String clear = new String(Base64.getUrlDecoder().decode(cursor), StandardCharsets.ISO_8859_1);
            assertThat(clear).as(sort).doesNotContain(first);
        }
    }
}
