package io.shoal.intake.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.endsWith;
import static org.hamcrest.Matchers.equalTo;

import io.agroal.api.AgroalDataSource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.http.ContentType;
import io.restassured.response.Response;
import io.shoal.intake.platform.OnPlatform;
import io.shoal.intake.platform.Tenant;
import io.shoal.intake.tenants.SessionEnded;
import jakarta.inject.Inject;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Sessions stand for their key, for a limited time. */
@QuarkusTest
@OnPlatform
class SessionsTest {
    @Inject
    AgroalDataSource database;

    @Inject
    Credentials credentials;

    @Inject
    LastUses lastUses;

    @Inject
    io.shoal.intake.tenants.Sessions sessions;

    @ConfigProperty(name = "shoal.sessions")
    int most;

    private Tenant tenant = new Tenant("", "");

    @BeforeEach
    void aTenant() {
        tenant = Tenant.create();
    }

    private static Response begin(String key) {
        Response made = Tenant.bearer(key).post("/v1/sessions");
        made.then().statusCode(201);
        return made;
    }

    private static int status(String bearer) {
        return Tenant.bearer(bearer).get("/v1/transfers").statusCode();
    }

    private String key(String... scopes) {
        Response made = tenant.asks()
                .contentType(ContentType.JSON)
                .body(Map.of("name", "some", "scopes", List.of(scopes)))
                .post("/v1/keys");
        made.then().statusCode(201);
        return made.path("key");
    }

    private static List<String> listed(String bearer) {
        return Tenant.bearer(bearer).get("/v1/sessions").path("items.id");
    }

    @Test
    void aSessionCanDoWhatItsKeyCanAndNoMore() {
        String reader = key("read");
        Response made = begin(reader);
        String token = made.path("token");
        made.then()
                .header("Location", endsWith("/v1/sessions/" + made.<String>path("id")))
                .body("scopes", equalTo(List.of("read")));
        Instant created = Instant.parse(made.path("createdAt"));
        assertThat(Instant.parse(made.path("expiresAt"))).isEqualTo(created.plus(Duration.ofHours(12)));

        assertThat(status(token)).isEqualTo(200);
        Tenant.bearer(token)
                .contentType(ContentType.JSON)
                .body("{\"name\":\"x\"}")
                .post("/v1/passkeys")
                .then()
                .statusCode(403)
                .body("scope", equalTo("write"));
        Tenant.bearer(token).post("/v1/sessions").then().statusCode(403).body("code", equalTo("forbidden"));
        assertThat(Tenant.bearer(token).get("/v1/sessions").asString()).doesNotContain(token);
        Tenant.bearer(begin(tenant.key()).path("token")).get("/v1/keys").then().statusCode(200);
    }

    @Test
    void aSessionEndsByItselfOrByAnother() {
        String reader = key("read");
        Response one = begin(reader);
        Response two = begin(reader);
        Tenant.bearer(one.path("token"))
                .get("/v1/sessions")
                .then()
                .body("items.id", equalTo(List.of(two.path("id"), one.path("id"))))
                .body("items.current", equalTo(List.of(false, true)));
        Tenant.bearer(one.path("token")).delete("/v1/sessions/current").then().statusCode(204);
        Response ended = Tenant.bearer(one.path("token")).get("/v1/transfers");
        assertThat(ended.statusCode()).isEqualTo(401);
        assertThat(ended.asString())
                .isEqualTo(Tenant.bearer("shoals_" + UUID.randomUUID())
                        .get("/v1/transfers")
                        .asString());
        assertThat(status(two.path("token"))).isEqualTo(200);

        String path = "/v1/sessions/" + two.path("id");
        Tenant.bearer(reader).delete(path).then().statusCode(204);
        Tenant.bearer(reader).delete(path).then().statusCode(404);
        assertThat(status(two.path("token"))).isEqualTo(401);
        Tenant.bearer(reader).delete("/v1/sessions/current").then().statusCode(404);
    }

    @Test
    void onlyAnAdminKeySeesAndEndsSessionsOfOtherKeys() {
        Response readers = begin(key("read"));
        Response writers = begin(key("write"));
        assertThat(listed(readers.path("token"))).containsExactly(readers.<String>path("id"));
        assertThat(listed(tenant.key())).containsExactly(writers.path("id"), readers.path("id"));
        Response page = tenant.asks().get("/v1/sessions?limit=1");
        assertThat(page.<List<String>>path("items.id")).containsExactly(writers.<String>path("id"));
        assertThat(tenant.asks()
                        .queryParam("cursor", page.<String>path("next"))
                        .get("/v1/sessions")
                        .<List<String>>path("items.id"))
                .containsExactly(readers.<String>path("id"));

        String path = "/v1/sessions/" + writers.path("id");
        Tenant.bearer(readers.path("token")).delete(path).then().statusCode(404);
        assertThat(status(writers.path("token"))).isEqualTo(403);
        tenant.asks().delete(path).then().statusCode(204);
        assertThat(status(writers.path("token"))).isEqualTo(401);
    }

    @Test
    void anothersSessionIsAnsweredAsAMissingOne() {
        Tenant other = Tenant.create();
        Response its = begin(tenant.key());
        String id = its.path("id");
        String missing = UUID.randomUUID().toString();
        Response forIts = other.asks().delete("/v1/sessions/" + id);
        assertThat(forIts.statusCode()).isEqualTo(404);
        assertThat(forIts.asString().replace(id, missing))
                .isEqualTo(other.asks().delete("/v1/sessions/" + missing).asString());
        assertThat(listed(other.key())).isEmpty();
        assertThat(status(its.path("token"))).isEqualTo(200);
    }

    @Test
    void aSessionEndsWithItsKey() {
        Response made = begin(key("read"));
        String token = made.path("token");
        assertThat(status(token)).isEqualTo(200);
        tenant.asks().delete("/v1/keys/" + made.path("keyId")).then().statusCode(204);
        assertThat(status(token)).isEqualTo(401);
        assertThat(listed(tenant.key())).isEmpty();
    }

    @Test
    void aSessionExpiresWithItsKey() {
        Instant expiry = Instant.now().plusSeconds(4).truncatedTo(ChronoUnit.MILLIS);
        String key = tenant.asks()
                .contentType(ContentType.JSON)
                .body(Map.of("name", "some", "scopes", List.of("read"), "expiresAt", expiry.toString()))
                .post("/v1/keys")
                .path("key");
        Response made = begin(key);
        assertThat(Instant.parse(made.path("expiresAt"))).isEqualTo(expiry);
        tenant.asks().get("/v1/sessions").then().body("items.expiresAt", equalTo(List.of(expiry.toString())));
        Tenant.awaitExpiry(expiry, () -> status(made.path("token")));
        assertThat(status(made.path("token"))).isEqualTo(401);
        assertThat(listed(tenant.key())).isEmpty();
    }

    @Test
    void aSessionEndsWhenItIsNotUsedAndInAnyCaseAfterThirtyDays() throws Exception {
        Response idle = begin(tenant.key());
        Response old = begin(tenant.key());
        Response used = begin(tenant.key());
        age(idle, "last_used_at", "12 hours");
        assertThat(end(old)).isEqualTo(Instant.parse(old.path("createdAt")).plus(Duration.ofDays(30)));
        age(old, "ends_at", "0 days");
        age(used, "last_used_at", "11 hours 59 minutes");
        assertThat(status(idle.path("token"))).isEqualTo(401);
        assertThat(status(old.path("token"))).isEqualTo(401);
        assertThat(listed(tenant.key())).containsExactly(used.<String>path("id"));

        assertThat(status(used.path("token"))).isEqualTo(200);
        lastUses.write();
        tenant.asks().get("/v1/sessions").then().body("items.size()", equalTo(1));
        assertThat(Instant.parse(tenant.asks().get("/v1/sessions").path("items[0].expiresAt")))
                .isAfter(Instant.now().plus(Duration.ofHours(11)));

        sessions.deleteExpired();
        assertThat(rows()).isEqualTo(1);
    }

    @Test
    void aFurtherSessionTakesThePlaceOfTheOneThatWasUsedLongestAgo() throws Exception {
        List<Response> made = new ArrayList<>();
        for (int i = 0; i < most; i++) {
            made.add(begin(tenant.key()));
        }
        age(made.get(1), "last_used_at", "5 minutes");
        Response further = begin(tenant.key());
        assertThat(rows()).isEqualTo(most);
        assertThat(status(made.get(1).path("token"))).isEqualTo(401);
        assertThat(status(made.get(0).path("token"))).isEqualTo(200);
        assertThat(status(further.path("token"))).isEqualTo(200);
    }

    @Test
    void sessionsThatBeginAtOnceKeepTheBound() throws Exception {
        List<CompletableFuture<Response>> begun = new ArrayList<>();
        for (int i = 0; i < most + 8; i++) {
            begun.add(CompletableFuture.supplyAsync(() -> begin(tenant.key())));
        }
        begun.forEach(CompletableFuture::join);
        assertThat(rows()).isEqualTo(most);
    }

    @Test
    void aSessionThatEndsWhileItIsReplacedDisturbsNothing() throws Exception {
        for (int i = 0; i < most; i++) {
            begin(tenant.key());
        }
        String oldest = listed(tenant.key()).getLast();
        try (var connection = database.getConnection();
                var statement = connection.createStatement()) {
            connection.setAutoCommit(false);
            assertThat(statement.executeUpdate("delete from api_session where id = '" + oldest + "'"))
                    .isEqualTo(1);
            CompletableFuture<Response> further = CompletableFuture.supplyAsync(
                    () -> Tenant.bearer(tenant.key()).post("/v1/sessions"));
            Tenant.await().until(() -> waitsForSession() || further.isDone());
            connection.commit();
            further.join().then().statusCode(201);
        }
        assertThat(rows()).isEqualTo(most);
    }

    private boolean waitsForSession() throws SQLException {
        try (var connection = database.getConnection();
                var statement = connection.createStatement();
                var row = statement.executeQuery(
                        "select count(*) from pg_stat_activity where datname = current_database()"
                                + " and wait_event_type = 'Lock' and query like '%api_session%'")) {
            row.next();
            return row.getInt(1) > 0;
        }
    }

    @Test
    void sessionsAreAuditedAsActionsOfTheirKey() {
        Response made = begin(tenant.key());
        Tenant.bearer(made.path("token")).delete("/v1/sessions/current").then().statusCode(204);
        Response entries = Tenant.operator().queryParam("tenant", tenant.id()).get("/v1/audit");
        entries.then()
                .body("items[0].action", equalTo("session-revoked"))
                .body("items[0].subject", equalTo(made.path("id")))
                .body("items[0].actor.kind", equalTo("KEY"))
                .body("items[0].actor.id", equalTo(made.path("keyId")))
                .body("items[1].action", equalTo("session-created"))
                .body("items[1].actor.id", equalTo(made.path("keyId")));
        assertThat(entries.asString()).doesNotContain(made.<String>path("token"));
    }

    private void age(Response session, String column, String interval) throws Exception {
        try (var connection = database.getConnection();
                var statement = connection.createStatement()) {
            assertThat(statement.executeUpdate("update api_session set " + column + " = now() - interval '" + interval
                            + "' where id = '" + session.path("id") + "'"))
                    .isEqualTo(1);
        }
        credentials.ended(new SessionEnded(UUID.fromString(session.path("id")))); // what is remembered is older
    }

    private Instant end(Response session) throws SQLException {
        try (var connection = database.getConnection();
                var statement = connection.createStatement();
                var row = statement.executeQuery(
                        "select ends_at from api_session where id = '" + session.path("id") + "'")) {
            row.next();
            return row.getTimestamp(1).toInstant();
        }
    }

    private int rows() throws Exception {
        try (var connection = database.getConnection();
                var statement = connection.createStatement();
                var row = statement.executeQuery(
                        "select count(*) from api_session where tenant_id = '" + tenant.id() + "'")) {
            row.next();
            return row.getInt(1);
        }
    }
}
