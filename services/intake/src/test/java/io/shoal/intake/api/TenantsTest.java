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
        for (String id : List.of(UUID.randomUUID().toString(), "nonsense")) {
            Tenant.operator().delete("/v1/tenants/" + id).then().statusCode(404);
            Tenant.operator().post("/v1/tenants/" + id + "/keys").then().statusCode(404);
            Tenant.operator().delete("/v1/tenants/" + id + "/keys/" + id).then().statusCode(404);
        }
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
