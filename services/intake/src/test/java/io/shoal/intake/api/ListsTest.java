package io.shoal.intake.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasSize;

import io.agroal.api.AgroalDataSource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.http.ContentType;
import io.restassured.response.Response;
import io.restassured.specification.RequestSpecification;
import io.shoal.contracts.links.SealingKeys;
import io.shoal.intake.platform.OnPlatform;
import io.shoal.intake.platform.Tenant;
import io.shoal.intake.platform.Torrents;
import jakarta.inject.Inject;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.eclipse.microprofile.config.ConfigProvider;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Lists of transfers: filtered, in order, and in pages. */
@QuarkusTest
@OnPlatform
class ListsTest {
    private static final SealingKeys KEYS =
            SealingKeys.parse(ConfigProvider.getConfig().getValue("shoal.link-keys", String.class));

    @Inject
    AgroalDataSource database;

    private Tenant tenant = new Tenant("", "");

    @BeforeEach
    void aTenant() {
        tenant = Tenant.create();
    }

    private String add(String displayName, Map<String, ?> more) {
        Map<String, Object> body = new HashMap<>(more);
        body.put("metainfo", Base64.getEncoder().encodeToString(Torrents.small().encode()));
        body.put("displayName", displayName);
        Response added = tenant.submit(body);
        added.then().statusCode(201);
        return added.path("id");
    }

    private List<String> names(RequestSpecification asks) {
        Response page = asks.get("/v1/transfers");
        page.then().statusCode(200);
        return page.path("items.displayName");
    }

    @Test
    void aListHasWhatPassesEveryFilter() {
        tenant.asks()
                .contentType(ContentType.JSON)
                .body("{\"name\":\"tv\"}")
                .post("/v1/categories")
                .then()
                .statusCode(201);
        add("Alpha One", Map.of("labels", List.of("x", "y"), "paused", true));
        add("alpha TWO", Map.of("labels", List.of("x"), "category", "tv"));
        add("100%_\u00c9t\u00e9", Map.of("category", "tv", "paused", true));

        assertThat(names(tenant.asks().queryParam("state", "PAUSED")))
                .containsExactly("100%_\u00c9t\u00e9", "Alpha One");
        assertThat(names(tenant.asks().queryParam("state", "PAUSED", "QUEUED"))).hasSize(3);
        assertThat(names(tenant.asks().queryParam("state", "DONE"))).isEmpty();
        assertThat(names(tenant.asks().queryParam("label", "x"))).containsExactly("alpha TWO", "Alpha One");
        assertThat(names(tenant.asks().queryParam("label", "X"))).isEmpty();
        assertThat(names(tenant.asks().queryParam("label", "y").queryParam("state", "QUEUED")))
                .isEmpty();
        assertThat(names(tenant.asks().queryParam("category", "tv")))
                .containsExactly("100%_\u00c9t\u00e9", "alpha TWO");
        assertThat(names(tenant.asks().queryParam("uncategorised", "true"))).containsExactly("Alpha One");
        assertThat(names(tenant.asks().queryParam("category", "unknown"))).isEmpty();
        assertThat(names(tenant.asks().queryParam("text", "ALPHA"))).containsExactly("alpha TWO", "Alpha One");
        assertThat(names(tenant.asks().queryParam("text", "\u00e9T\u00c9"))).containsExactly("100%_\u00c9t\u00e9");
        assertThat(names(tenant.asks().queryParam("text", "_E\u0301t")))
                .as("not composed")
                .containsExactly("100%_\u00c9t\u00e9");
        assertThat(names(tenant.asks().queryParam("text", "00%"))).containsExactly("100%_\u00c9t\u00e9");
        assertThat(names(tenant.asks().queryParam("text", "00_"))).isEmpty();
        assertThat(names(tenant.asks().queryParam("text", "al%TWO"))).isEmpty();
        assertThat(names(tenant.asks().queryParam("text", "\\"))).isEmpty();
        assertThat(names(tenant.asks().queryParam("text", "aL")))
                .as("too short to be found elsewhere than at the beginning")
                .containsExactly("alpha TWO", "Alpha One");
        assertThat(names(tenant.asks().queryParam("text", "l"))).isEmpty();
        assertThat(names(tenant.asks().queryParam("text", "_"))).isEmpty();
        assertThat(names(tenant.asks().queryParam("text", "1"))).containsExactly("100%_\u00c9t\u00e9");
        assertThat(names(tenant.asks().queryParam("text", " t"))).as("stripped").isEmpty();
        assertThat(names(tenant.asks().queryParam("text", ".txt")))
                .as("the torrent's name")
                .hasSize(3);
        assertThat(names(Tenant.create().asks().queryParam("label", "x"))).isEmpty();
    }

    @Test
    void aChangeIsFoundAtOnce() {
        String id = add("before", Map.of());
        tenant.patch(id, "{\"displayName\":\"after\",\"labels\":[\"new\"]}")
                .then()
                .statusCode(200);
        assertThat(names(tenant.asks().queryParam("text", "before"))).isEmpty();
        assertThat(names(tenant.asks().queryParam("text", "after").queryParam("label", "new")))
                .containsExactly("after");
    }

    /** Seven transfers; some are equal in what the list is ordered by. */
    private List<String> several() throws SQLException {
        List<String> ids = new ArrayList<>();
        for (String name : List.of("b", "A", "c", "a", "B", "\u00e9", "d")) {
            ids.add(add(name, Map.of("paused", ids.size() % 2 == 0)));
        }
        try (var connection = database.getConnection();
                var figures = connection.prepareStatement(
                        "update transfer_figures set progress = ?, ratio = ? where transfer_id = ?");
                var sizes = connection.prepareStatement("update transfer set size = ? where id = ?")) {
            for (int i = 0; i < ids.size(); i++) {
                int third = i / 3;
                figures.setDouble(1, third / 3.0);
                figures.setDouble(2, (7 - i) / 10.0);
                figures.setObject(3, UUID.fromString(ids.get(i)));
                figures.executeUpdate();
                sizes.setLong(1, i * 10L % 4);
                sizes.setObject(2, UUID.fromString(ids.get(i)));
                sizes.executeUpdate();
            }
        }
        return ids;
    }

    @ParameterizedTest
    @ValueSource(strings = {"added", "name", "size", "progress", "ratio", "state", "queue"})
    void pagesTogetherAreTheList(String sort) throws SQLException {
        List<String> added = several();
        List<String> up = all(sort, "asc", 200);
        List<String> down = all(sort, "desc", 200);
        assertThat(up).containsExactlyInAnyOrderElementsOf(added);
        assertThat(down).isEqualTo(up.reversed());
        assertThat(all(sort, "asc", 2)).isEqualTo(up);
        assertThat(all(sort, "desc", 3)).isEqualTo(down);
    }

    private List<String> all(String sort, String order, int limit) {
        List<String> ids = new ArrayList<>();
        String cursor = null;
        do {
            RequestSpecification asks = tenant.asks().queryParams("sort", sort, "order", order, "limit", limit);
            Response page = (cursor == null ? asks : asks.queryParam("cursor", cursor)).get("/v1/transfers");
            page.then().statusCode(200);
            ids.addAll(page.path("items.id"));
            cursor = page.path("next");
        } while (cursor != null);
        return ids;
    }

    @Test
    void eachOrderIsThatOfItsValues() throws SQLException {
        several();
        assertThat(names(tenant.asks().queryParam("sort", "added")))
                .containsExactly("d", "\u00e9", "B", "a", "c", "A", "b");
        assertThat(names(tenant.asks().queryParam("sort", "added").queryParam("order", "asc")))
                .containsExactly("b", "A", "c", "a", "B", "\u00e9", "d");
        assertThat(names(tenant.asks().queryParam("sort", "name")).stream().map(String::toLowerCase))
                .containsExactly("a", "a", "b", "b", "c", "d", "\u00e9");
        assertThat(names(tenant.asks().queryParam("sort", "ratio")))
                .containsExactly("d", "\u00e9", "B", "a", "c", "A", "b");
        assertThat(names(tenant.asks().queryParam("sort", "state").queryParam("order", "asc")))
                .containsExactly("b", "c", "B", "d", "A", "a", "\u00e9");
        assertThat(names(tenant.asks().queryParam("sort", "progress").queryParam("order", "desc"))
                        .getFirst())
                .isEqualTo("d");
        List<Integer> bySize =
                tenant.asks().queryParam("sort", "size").get("/v1/transfers").path("items.number");
        assertThat(bySize.subList(0, 4)).containsExactlyInAnyOrder(1, 3, 5, 7);
    }

    @Test
    void aPageGoesOnWhereItEndedThoughTransfersMove() {
        String first = add("m", Map.of());
        add("n", Map.of());
        add("p", Map.of());
        Response page = tenant.asks().queryParams("sort", "name", "limit", 2).get("/v1/transfers");
        assertThat(page.<List<String>>path("items.displayName")).containsExactly("m", "n");
        tenant.patch(first, "{\"displayName\":\"z\"}").then().statusCode(200);
        add("a", Map.of());
        tenant.asks()
                .queryParams("sort", "name", "limit", 2, "cursor", page.<String>path("next"))
                .get("/v1/transfers")
                .then()
                .body("items.displayName", equalTo(List.of("p", "z")));
    }

    @Test
    void aCursorIsGoodForItsListOnly() {
        for (int i = 0; i < 3; i++) {
            add("name " + i, Map.of("labels", List.of("x")));
        }
        String cursor = tenant.asks()
                .queryParams("label", "x", "sort", "name", "limit", 1)
                .get("/v1/transfers")
                .path("next");
        tenant.asks()
                .queryParams("label", "x", "sort", "name", "limit", 1, "cursor", cursor)
                .get("/v1/transfers")
                .then()
                .statusCode(200)
                .body("items", hasSize(1));
        refused(tenant.asks().queryParams("sort", "name", "cursor", cursor), "cursor");
        refused(tenant.asks().queryParams("label", "x", "cursor", cursor), "cursor");
        refused(tenant.asks().queryParams("label", "x", "sort", "name", "order", "desc", "cursor", cursor), "cursor");
        refused(Tenant.create().asks().queryParams("label", "x", "sort", "name", "cursor", cursor), "cursor");
        String list = open(cursor).split("\n", 2)[0];
        for (String forged : List.of("", "\n\n\n", "\nx\ny\n", "\n" + UUID.randomUUID() + "\na\u0000b\n")) {
            String sealed = KEYS.seal(SealingKeys.CURSOR, (list + forged).getBytes(StandardCharsets.UTF_8));
            refused(tenant.asks().queryParams("label", "x", "sort", "name", "cursor", sealed), "cursor");
        }
        String clear = Base64.getUrlEncoder()
                .withoutPadding()
                .encodeToString(open(cursor).getBytes(StandardCharsets.UTF_8));
        String position = tenant.asks().get("/v1/changes").path("next"); // sealed with the same keys
        for (String other : List.of("x", clear, position, cursor + "A", "A" + cursor.substring(1))) {
            refused(tenant.asks().queryParams("label", "x", "sort", "name", "cursor", other), "cursor");
        }
    }

    private static String open(String cursor) {
        return KEYS.open(SealingKeys.CURSOR, cursor)
                .map(fields -> StandardCharsets.UTF_8.decode(fields).toString())
                .orElseThrow();
    }

    @Test
    void theLongestNameIsInACursor() {
        String name = "\u6c34".repeat(199);
        add(name + "a", Map.of());
        add(name + "b", Map.of());
        Response page = tenant.asks().queryParams("sort", "name", "limit", 1).get("/v1/transfers");
        tenant.asks()
                .queryParams("sort", "name", "limit", 1, "cursor", page.<String>path("next"))
                .get("/v1/transfers")
                .then()
                .statusCode(200)
                .body("items.displayName", equalTo(List.of(name + "b")));
    }

    @Test
    void aWrongParameterIsNamed() {
        refused(tenant.asks().queryParam("state", "seeding"), "state");
        refused(tenant.asks().queryParam("label", "a,b"), "label");
        refused(tenant.asks().queryParam("text", " "), "text");
        refused(tenant.asks().queryParam("text", "x".repeat(201)), "text");
        refused(tenant.asks().queryParam("category", "x".repeat(201)), "category");
        refused(tenant.asks().queryParam("uncategorised", "no"), "uncategorised");
        refused(tenant.asks().queryParam("uncategorised", "true").queryParam("category", "x"), "uncategorised");
        refused(tenant.asks().queryParam("sort", "ADDED"), "sort");
        refused(tenant.asks().queryParam("order", "up"), "order");
    }

    private static void refused(RequestSpecification asks, String field) {
        asks.get("/v1/transfers")
                .then()
                .statusCode(422)
                .body("code", equalTo("invalid-field"))
                .body("field", equalTo(field));
    }
}
