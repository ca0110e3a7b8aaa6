package io.shoal.intake.api;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasItem;
import static org.hamcrest.Matchers.notNullValue;

import io.quarkus.test.junit.QuarkusTest;
import io.restassured.http.ContentType;
import io.restassured.response.Response;
import io.shoal.intake.platform.OnPlatform;
import io.shoal.intake.platform.Tenant;
import io.shoal.intake.platform.Torrents;
import java.util.List;
import java.util.Locale;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** What the operator does. */
@QuarkusTest
@OnPlatform
class TenantsTest {

    @Test
    void aTenantIsMadeWithAKeyThatIsNeverShownAgain() {
        Response made = create("{\"name\":\" Somebody \"}");
        String id = made.path("id");
        String key = made.path("key");
        made.then()
                .statusCode(201)
                .header("Location", org.hamcrest.Matchers.endsWith("/v1/tenants/" + id))
                .body("name", equalTo("Somebody"))
                .body("keyId", notNullValue());
        Response listed = Tenant.operator().get("/v1/tenants");
        listed.then().statusCode(200).body("items.id", hasItem(id));
        assertThat(listed.asString()).contains(made.<String>path("keyId")).doesNotContain(key);
        Tenant.bearer(key).get("/v1/transfers").then().statusCode(200);
    }

    @Test
    void tenantsAreListedInPages() {
        String older = Tenant.create().id();
        String newer = Tenant.create().id();
        Response first = Tenant.operator().get("/v1/tenants?limit=1");
        assertThat(first.<List<String>>path("items.id")).containsExactly(newer);
        Response second = Tenant.operator()
                .queryParam("cursor", first.<String>path("next"))
                .get("/v1/tenants?limit=1");
        assertThat(second.<List<String>>path("items.id")).containsExactly(older);
    }

    @Test
    void keysAreAddedAndWithdrawn() {
        Tenant tenant = Tenant.create();
        Response added = Tenant.operator().post("/v1/tenants/" + tenant.id() + "/keys");
        added.then().statusCode(201);
        String key = added.path("key");
        Tenant.bearer(key).get("/v1/transfers").then().statusCode(200);
        String path = "/v1/tenants/" + tenant.id() + "/keys/" + added.path("id");
        Tenant.operator().delete(path).then().statusCode(204);
        Tenant.operator().delete(path).then().statusCode(404);
        Tenant.bearer(key).get("/v1/transfers").then().statusCode(401);
        tenant.asks().get("/v1/transfers").then().statusCode(200);
    }

    @Test
    void aDeletedTenantIsGoneWithItsKeysAndItsLibrary() {
        Tenant tenant = Tenant.create();
        tenant.add(Torrents.small());
        tenant.submit(java.util.Map.of("magnet", Torrents.magnet(Torrents.small())))
                .then()
                .statusCode(201);
        Tenant.operator()
                .delete("/v1/tenants/" + tenant.id())
                .then()
                .statusCode(202)
                .body("state", equalTo("DELETING"));
        tenant.asks().get("/v1/transfers").then().statusCode(401);
        tenant.awaitGone();
        Tenant.operator().delete("/v1/tenants/" + tenant.id()).then().statusCode(404);
        Tenant.operator().post("/v1/tenants/" + tenant.id() + "/keys").then().statusCode(404);
    }

    @Test
    void whatDoesNotExistIsNotFound() {
        UUID id = UUID.randomUUID();
        Tenant.operator().delete("/v1/tenants/" + id).then().statusCode(404);
        Tenant.operator().post("/v1/tenants/" + id + "/keys").then().statusCode(404);
        Tenant.operator().delete("/v1/tenants/" + id + "/keys/" + id).then().statusCode(404);
    }

    @Test
    void aParameterThatIsNoIdIsRefusedByName() {
        UUID id = UUID.randomUUID();
        for (String no : List.of("nonsense", id.toString().toUpperCase(Locale.ROOT), "1-1-1-1-1")) {
            noId("/v1/tenants/" + no, "id");
            noId("/v1/tenants/" + no + "/quota", "id");
            noId("/v1/tracker/tenants/" + no, "id");
            noId("/v1/pools/" + no, "id");
            noId("/v1/audit?tenant=" + no, "tenant");
            noId("/v1/slices?transfer=" + no, "transfer");
            refusedByName(Tenant.operator().delete("/v1/tenants/" + id + "/keys/" + no), "keyId");
            refusedByName(Tenant.operator().delete("/v1/tenants/" + no + "/pool"), "id");
            refusedByName(Tenant.operator().post("/v1/tenants/" + no + "/suspend"), "id");
        }
        noId("/v1/slices?torrent=nothing", "torrent");
        Tenant tenant = Tenant.create();
        refusedByName(tenant.asks().delete("/v1/passkeys/nonsense"), "id");
        String transfer = tenant.add(Torrents.small());
        for (String no : List.of("x", "-1", "1.5", "99999999999")) {
            refusedByName(tenant.asks().post("/v1/transfers/" + transfer + "/files/" + no + "/links"), "index");
        }
        tenant.asks()
                .post("/v1/transfers/" + transfer + "/files/1000/links")
                .then()
                .statusCode(404);
    }

    private static void noId(String path, String field) {
        refusedByName(Tenant.operator().get(path), field);
    }

    private static void refusedByName(Response answer, String field) {
        answer.then().statusCode(422).body("code", equalTo("invalid-field")).body("field", equalTo(field));
    }

    @Test
    void aBadNameIsRefused() {
        for (String body : List.of(
                "{}",
                "{\"name\":\"\"}",
                "{\"name\":\"a\\u0000b\"}",
                "{\"name\":\"x\\ud800y\"}",
                "{\"name\":\"" + "x".repeat(201) + "\"}")) {
            create(body)
                    .then()
                    .statusCode(422)
                    .contentType("application/problem+json")
                    .body("type", equalTo("urn:shoal:problem:invalid-field"))
                    .body("code", equalTo("invalid-field"))
                    .body("field", equalTo("name"));
        }
        create("{\"name\":1}").then().statusCode(422).body("field", equalTo("name"));
        create("{\"nome\":\"x\"}").then().statusCode(422).body("field", equalTo("nome"));
        create("{\"name\":").then().statusCode(400).body("code", equalTo("malformed-json"));
        create("{\"name\":\"" + "x".repeat(100_000) + "\"}").then().statusCode(413);
        Tenant.operator()
                .contentType("text/plain")
                .body("x")
                .post("/v1/tenants")
                .then()
                .statusCode(415)
                .body("code", equalTo("unsupported-type"));
    }

    @Test
    void withoutAKeyNothingIsAnswered() {
        for (String path : List.of("/v1/tenants", "/v1/transfers", "/v1/passkeys", "/v1/tracker/allowed")) {
            for (String header : List.of("", "Bearer nobodys", "Basic YTpi", "Bearer ")) {
                given().header("Authorization", header)
                        .get(path)
                        .then()
                        .statusCode(401)
                        .header("WWW-Authenticate", equalTo("Bearer realm=\"shoal\""))
                        .contentType("application/problem+json")
                        .body("code", equalTo("unauthenticated"));
            }
        }
    }

    @Test
    void aKeyOpensOnlyItsOwnPart() {
        Tenant.create().asks().get("/v1/tenants").then().statusCode(403).body("code", equalTo("forbidden"));
        Tenant.create().asks().get("/v1/tracker/allowed").then().statusCode(403);
        Tenant.operator().get("/v1/transfers").then().statusCode(403).body("code", equalTo("forbidden"));
        Tenant.operator().get("/v1/passkeys").then().statusCode(403);
    }

    private static Response create(String json) {
        return Tenant.operator().contentType(ContentType.JSON).body(json).post("/v1/tenants");
    }
}
