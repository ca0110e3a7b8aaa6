package io.shoal.intake.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.endsWith;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasItems;
import static org.hamcrest.Matchers.notNullValue;
import static org.hamcrest.Matchers.nullValue;

import io.agroal.api.AgroalDataSource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.http.ContentType;
import io.restassured.response.Response;
import io.shoal.intake.platform.OnPlatform;
import io.shoal.intake.platform.Tenant;
import io.shoal.intake.tenants.KeyRevoked;
import jakarta.inject.Inject;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A tenant makes and revokes its own API keys, within what its key may do. */
@QuarkusTest
@OnPlatform
class ApiKeysTest {
    @Inject
    AgroalDataSource database;

    @Inject
    Credentials credentials;

    @Inject
    LastUses lastUses;

    @ConfigProperty(name = "shoal.api-keys")
    int most;

    private Tenant tenant = new Tenant("", "");

    @BeforeEach
    void aTenant() {
        tenant = Tenant.create();
    }

    private static Response create(String key, String scopes, @Nullable Object expiresAt) {
        return Tenant.bearer(key)
                .contentType(ContentType.JSON)
                .body("{\"name\":\" a robot \",\"scopes\":[" + scopes + "],\"expiresAt\":"
                        + (expiresAt == null ? "null" : "\"" + expiresAt + "\"") + "}")
                .post("/v1/keys");
    }

    private static Response created(String key, String scopes, @Nullable Object expiresAt) {
        Response made = create(key, scopes, expiresAt);
        made.then().statusCode(201);
        return made;
    }

    private static int status(String key) {
        return Tenant.bearer(key).get("/v1/transfers").statusCode();
    }

    private static Response revoke(String by, String id) {
        return Tenant.bearer(by).delete("/v1/keys/" + id);
    }

    private String ownId() {
        return tenant.asks().get("/v1/keys").path("items[0].id");
    }

    @Test
    void aKeyIsShownOnceAndListedWithoutItsSecret() {
        Instant expiry = Instant.now().plus(Duration.ofDays(7)).truncatedTo(ChronoUnit.SECONDS);
        Response made = created(tenant.key(), "\"write\",\"read\"", expiry);
        String id = made.path("id");
        String secret = made.path("key");
        made.then()
                .header("Location", endsWith("/v1/keys/" + id))
                .body("name", equalTo("a robot"))
                .body("scopes", equalTo(List.of("read", "write")))
                .body("expiresAt", equalTo(expiry.toString()));
        assertThat(status(secret)).isEqualTo(200);

        Response listed = tenant.asks().get("/v1/keys");
        listed.then()
                .statusCode(200)
                .body("items.name", equalTo(List.of("first key", "a robot")))
                .body("items[0].scopes", equalTo(List.of("read", "write", "admin")))
                .body("items[0].expiresAt", nullValue())
                .body("items[1].id", equalTo(id))
                .body("items[1].createdAt", notNullValue())
                .body("items[1].expiresAt", equalTo(expiry.toString()));
        assertThat(listed.asString()).doesNotContain(secret).doesNotContain(tenant.key());
        assertThat(Tenant.operator().get("/v1/tenants/" + tenant.id()).<List<String>>path("keys.name"))
                .containsExactly("first key", "a robot");
    }

    @Test
    void aRevokedKeyIsAnsweredLikeOneThatDoesNotExist() {
        Response made = created(tenant.key(), "\"read\"", null);
        String secret = made.path("key");
        assertThat(status(secret)).isEqualTo(200);
        revoke(tenant.key(), made.path("id")).then().statusCode(204);
        Response revoked = Tenant.bearer(secret).get("/v1/transfers");
        Response unknown = Tenant.bearer("shoal_" + UUID.randomUUID()).get("/v1/transfers");
        assertThat(revoked.statusCode()).isEqualTo(401);
        assertThat(revoked.asString()).isEqualTo(unknown.asString());
        revoke(tenant.key(), made.path("id")).then().statusCode(404);
    }

    @Test
    void aKeyThatExpiresIsRefusedAtOnceLikeOneThatDoesNotExist() {
        Response made = created(tenant.key(), "\"read\"", Instant.now().plusSeconds(4));
        String secret = made.path("key");
        Response unknown = Tenant.bearer("shoal_" + UUID.randomUUID()).get("/v1/transfers");
        Tenant.awaitExpiry(Instant.parse(made.path("expiresAt")), () -> status(secret));
        Response expired = Tenant.bearer(secret).get("/v1/transfers");
        assertThat(expired.statusCode()).isEqualTo(401);
        assertThat(expired.asString()).isEqualTo(unknown.asString());
        tenant.asks().get("/v1/keys").then().body("items.id", hasItems(made.<String>path("id")));
    }

    @Test
    void aKeyGivesNoScopeThatItLacksAndMakesNoneThatOutlivesIt() {
        Instant expiry = Instant.now().plus(Duration.ofDays(1)).truncatedTo(ChronoUnit.SECONDS);
        String maker = created(tenant.key(), "\"read\",\"admin\"", expiry).path("key");
        create(maker, "\"read\",\"write\"", null)
                .then()
                .statusCode(403)
                .body("code", equalTo("scope-missing"))
                .body("scope", equalTo("write"));
        create(maker, "\"read\"", expiry.plusSeconds(1))
                .then()
                .statusCode(422)
                .body("code", equalTo("invalid-field"))
                .body("field", equalTo("expiresAt"));
        created(maker, "\"read\",\"admin\"", expiry);
        created(maker, "\"read\"", null).then().body("expiresAt", equalTo(expiry.toString()));
    }

    @Test
    void badFieldsAreRefusedByName() {
        for (String scopes : List.of("", "\"root\"", "\"READ\"", "\"read\",\"read\"", "null")) {
            create(tenant.key(), scopes, null).then().statusCode(422).body("field", equalTo("scopes"));
        }
        for (String expiry : List.of("tomorrow", "2001-01-01T00:00:00Z", "+10000-01-01T00:00:00Z")) {
            create(tenant.key(), "\"read\"", expiry).then().statusCode(422).body("field", equalTo("expiresAt"));
        }
        tenant.asks()
                .contentType(ContentType.JSON)
                .body("{\"scopes\":[\"read\"]}")
                .post("/v1/keys")
                .then()
                .statusCode(422)
                .body("field", equalTo("name"));
    }

    @Test
    void theLastAdminKeyIsKeptByTheTenantAndNotByTheOperator() {
        Response other = created(tenant.key(), "\"admin\"", null);
        created(tenant.key(), "\"read\",\"write\"", null);
        String first = ownId();
        revoke(tenant.key(), first).then().statusCode(204);
        assertThat(status(tenant.key())).isEqualTo(401);
        revoke(other.path("key"), other.path("id")).then().statusCode(409).body("code", equalTo("last-admin-key"));
        Tenant.operator()
                .delete("/v1/tenants/" + tenant.id() + "/keys/" + other.<String>path("id"))
                .then()
                .statusCode(204);
        Tenant.bearer(other.path("key")).get("/v1/keys").then().statusCode(401);
    }

    @Test
    void ofTwoKeysThatRevokeEachOtherAtOnceOneIsLeft() {
        Response other = created(tenant.key(), "\"admin\"", null);
        String first = ownId();
        CompletableFuture<Response> one = CompletableFuture.supplyAsync(() -> revoke(tenant.key(), other.path("id")));
        CompletableFuture<Response> two = CompletableFuture.supplyAsync(() -> revoke(other.path("key"), first));
        assertThat(List.of(one.join().statusCode(), two.join().statusCode())).containsExactlyInAnyOrder(204, 401);
    }

    @Test
    void anExpiredAdminKeyIsNotOneThatIsLeft() throws Exception {
        Response other = created(tenant.key(), "\"admin\"", Instant.now().plus(Duration.ofDays(1)));
        execute("update api_key set expires_at = now() - interval '1 second' where id = '" + other.path("id") + "'");
        revoke(tenant.key(), ownId()).then().statusCode(409);
    }

    @Test
    void aTenantHasABoundedNumberOfKeys() {
        for (int keys = 1; keys < most; keys++) {
            created(tenant.key(), "\"read\"", null);
        }
        create(tenant.key(), "\"read\"", null).then().statusCode(409).body("code", equalTo("too-many-keys"));
        Tenant.operator()
                .post("/v1/tenants/" + tenant.id() + "/keys")
                .then()
                .statusCode(409)
                .body("code", equalTo("too-many-keys"));
        String some = tenant.asks().get("/v1/keys").path("items[1].id");
        revoke(tenant.key(), some).then().statusCode(204);
        created(tenant.key(), "\"read\"", null);
    }

    /** For 10 seconds other replicas remember a key that was revoked: what it could make would stay. */
    @Test
    void aKeyThatIsOnlyRememberedMakesAndRevokesNothing() throws Exception {
        Response other = created(tenant.key(), "\"read\",\"admin\"", null);
        String remembered = other.path("key");
        assertThat(status(remembered)).isEqualTo(200);
        execute("delete from api_key where id = '" + other.path("id") + "'"); // as another replica does
        assertThat(status(remembered)).isEqualTo(200);
        create(remembered, "\"read\"", null).then().statusCode(401);
        revoke(remembered, ownId()).then().statusCode(401);
        Tenant.bearer(remembered).post("/v1/sessions").then().statusCode(401);
        credentials.revoked(new KeyRevoked(UUID.fromString(other.path("id"))));
        assertThat(status(remembered)).isEqualTo(401);
    }

    @Test
    void theLastUseIsWrittenAtMostOnceAMinute() throws Exception {
        String reader = created(tenant.key(), "\"read\"", null).path("key");
        tenant.asks().get("/v1/keys").then().body("items[1].lastUsedAt", nullValue());
        Instant before = Instant.now().minusMillis(1);
        assertThat(status(reader)).isEqualTo(200);
        lastUses.write();
        String used = tenant.asks().get("/v1/keys").path("items[1].lastUsedAt");
        assertThat(Instant.parse(used)).isBetween(before, Instant.now());

        assertThat(status(reader)).isEqualTo(200);
        lastUses.write();
        tenant.asks().get("/v1/keys").then().body("items[1].lastUsedAt", equalTo(used));

        execute("update api_key set last_used_at = last_used_at - interval '1 minute' where tenant_id = '" + tenant.id()
                + "'");
        assertThat(status(reader)).isEqualTo(200);
        lastUses.write();
        assertThat(Instant.parse(tenant.asks().get("/v1/keys").path("items[1].lastUsedAt")))
                .isAfterOrEqualTo(Instant.parse(used));
    }

    @Test
    void whatKeysDoWithKeysIsAudited() {
        Response made = created(tenant.key(), "\"read\",\"write\"", null);
        revoke(tenant.key(), made.path("id")).then().statusCode(204);
        String first = ownId();
        Tenant.operator()
                .queryParam("tenant", tenant.id())
                .get("/v1/audit")
                .then()
                .body("items[0].action", equalTo("key-revoked"))
                .body("items[0].subject", equalTo(made.path("id")))
                .body("items[0].actor.kind", equalTo("KEY"))
                .body("items[0].actor.id", equalTo(first))
                .body("items[1].action", equalTo("key-created"))
                .body("items[1].detail", equalTo("a robot: read write"))
                .body("items[1].actor.id", equalTo(first));
    }

    @Test
    void anothersKeyIsAnsweredAsAMissingOne() {
        Tenant other = Tenant.create();
        String its = created(tenant.key(), "\"read\"", null).path("id");
        String missing = UUID.randomUUID().toString();
        Response forIts = revoke(other.key(), its);
        assertThat(forIts.statusCode()).isEqualTo(404);
        assertThat(forIts.asString().replace(its, missing))
                .isEqualTo(revoke(other.key(), missing).asString());
        revoke(other.key(), "no-id").then().statusCode(404);
        assertThat(tenant.asks().get("/v1/keys").<List<String>>path("items.id")).contains(its);
        assertThat(other.asks().get("/v1/keys").<List<String>>path("items.id")).hasSize(1);
    }

    private void execute(String statement) throws Exception {
        try (var connection = database.getConnection();
                var executing = connection.createStatement()) {
            assertThat(executing.executeUpdate(statement)).isPositive();
        }
    }
}
