package io.shoal.intake.audit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.nullValue;

import io.quarkus.narayana.jta.QuarkusTransaction;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.http.ContentType;
import io.restassured.response.Response;
import io.shoal.intake.platform.OnPlatform;
import io.shoal.intake.platform.Tenant;
import jakarta.inject.Inject;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.hibernate.Session;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What the operator reads of what was done. */
@QuarkusTest
@OnPlatform
class AuditTest {
    private static final String SECOND_OPERATOR = "the-second-operator-key-of-the-tests";

    @Inject
    Session database;

    @Inject
    AuditRetention retention;

    private static Response audit(Tenant tenant) {
        return Tenant.operator().queryParam("tenant", tenant.id()).get("/v1/audit");
    }

    @Test
    void everyActionOfOperatorsAndKeysIsWrittenDownWithItsActor() {
        Tenant tenant = Tenant.create();
        String path = "/v1/tenants/" + tenant.id();
        String key = Tenant.operator().post(path + "/keys").path("id");
        Tenant.operator().delete(path + "/keys/" + key).then().statusCode(204);
        String passkey = tenant.asks()
                .header("X-Forwarded-For", "192.0.2.44")
                .contentType(ContentType.JSON)
                .body("{\"name\":\"Ann\"}")
                .post("/v1/passkeys")
                .path("id");
        tenant.asks().delete("/v1/passkeys/" + passkey).then().statusCode(204);
        Tenant.operator()
                .contentType(ContentType.JSON)
                .body("{\"enabled\":false}")
                .put("/v1/tracker" + path.substring(3))
                .then()
                .statusCode(200);
        Tenant.bearer(SECOND_OPERATOR).post(path + "/suspend").then().statusCode(200);
        Tenant.bearer(SECOND_OPERATOR).post(path + "/suspend").then().statusCode(200);
        Tenant.operator().post(path + "/resume").then().statusCode(200);
        Tenant.operator().delete(path).then().statusCode(202);
        tenant.awaitGone();

        Response entries = audit(tenant);
        assertThat(entries.<List<String>>path("items.action"))
                .containsExactly(
                        "tenant-removed",
                        "tenant-deleted",
                        "tenant-resumed",
                        "tenant-suspended",
                        "tenant-rule-changed",
                        "passkey-revoked",
                        "passkey-created",
                        "key-revoked",
                        "key-created",
                        "key-created",
                        "tenant-created");
        entries.then()
                .body("items[0].actor.kind", equalTo("SYSTEM"))
                .body("items[0].actor.id", nullValue())
                .body("items[1].actor.kind", equalTo("OPERATOR"))
                .body("items[1].actor.id", equalTo("first"))
                .body("items[1].actor.address", equalTo("127.0.0.1"))
                .body("items[1].subject", equalTo(tenant.id()))
                .body("items[3].actor.id", equalTo("second"))
                .body("items[6].actor.kind", equalTo("KEY"))
                .body("items[6].actor.address", equalTo("192.0.2.44"))
                .body("items[6].subject", equalTo(passkey))
                .body("items[7].subject", equalTo(key));
        assertThat(entries.asString()).doesNotContain(tenant.key()).doesNotContain(SECOND_OPERATOR);
    }

    @Test
    void anEntryOfAChangeShowsTheOldAndTheNewValueOfWhatChanged() {
        Tenant tenant = Tenant.create();
        String quota = "/v1/tenants/" + tenant.id() + "/quota";
        change(quota, "{\"activeDownloads\":3,\"downRate\":1000}");
        change(quota, "{\"activeDownloads\":4}");
        change(quota, "{\"activeDownloads\":4}");
        change(quota, "{}");
        Tenant.operator()
                .contentType(ContentType.JSON)
                .body("{\"locations\":7}")
                .put("/v1/tracker/tenants/" + tenant.id())
                .then()
                .statusCode(200);
        assertThat(audit(tenant).<List<String>>path("items.detail").subList(0, 3))
                .containsExactly(
                        "locations: none -> 7",
                        "activeDownloads: 3 -> 4",
                        "activeDownloads: 20 -> 3, downRate: 0 -> 1000");
        assertThat(audit(tenant).<List<String>>path("items.action"))
                .containsExactly(
                        "tenant-rule-changed", "quota-changed", "quota-changed", "key-created", "tenant-created");
    }

    @Test
    void anEntryOfAPoolsRatesShowsWhatChanged() {
        String pool = Tenant.operator()
                .contentType(ContentType.JSON)
                .body("{\"name\":\"a pool\"}")
                .post("/v1/pools")
                .path("id");
        change("/v1/pools/" + pool, "{\"downRate\":1000,\"upRate\":500}");
        change("/v1/pools/" + pool, "{\"upRate\":0}");
        change("/v1/pools/" + pool, "{\"upRate\":0}");
        change("/v1/pools/" + pool, "{}");
        assertThat(Tenant.operator()
                        .get("/v1/audit?limit=50")
                        .<List<String>>path("items.findAll { it.subject == '" + pool + "' }.detail"))
                .containsExactly("upRate: 500 -> 0", "downRate: 0 -> 1000, upRate: 0 -> 500", "a pool");
    }

    private static void change(String path, String body) {
        Tenant.operator()
                .contentType(ContentType.JSON)
                .body(body)
                .patch(path)
                .then()
                .statusCode(200);
    }

    @Test
    void listsOfTorrentsAreWrittenDown() {
        String hash = UUID.randomUUID().toString().replace("-", "") + "00000000";
        for (String path : List.of("/v1/tracker/allowed/" + hash, "/v1/deny/" + hash)) {
            Tenant.operator()
                    .contentType(ContentType.JSON)
                    .body("{\"reason\":\"a court's order\"}")
                    .put(path)
                    .then()
                    .statusCode(200);
            Tenant.operator().delete(path).then().statusCode(204);
            Tenant.operator().delete(path).then().statusCode(404);
        }
        Response entries = Tenant.operator().get("/v1/audit?limit=200");
        assertThat(entries.<List<String>>path("items.findAll { it.subject == '" + hash + "' }.action"))
                .containsExactly("denial-withdrawn", "torrent-denied", "torrent-disallowed", "torrent-allowed");
    }

    @Test
    void entriesComeInPagesAndOnlyToTheOperator() {
        Tenant tenant = Tenant.create();
        List<String> actions = new ArrayList<>();
        @Nullable String cursor = null;
        do {
            var request = Tenant.operator().queryParam("tenant", tenant.id()).queryParam("limit", 1);
            Response page = (cursor == null ? request : request.queryParam("cursor", cursor)).get("/v1/audit");
            actions.addAll(page.<List<String>>path("items.action"));
            cursor = page.path("next");
        } while (cursor != null);
        assertThat(actions).containsExactly("key-created", "tenant-created");
        tenant.asks().get("/v1/audit").then().statusCode(403);
        Tenant.operator()
                .get("/v1/audit?tenant=nonsense")
                .then()
                .statusCode(422)
                .body("field", equalTo("tenant"));
    }

    @Test
    void entriesAreNeverChangedAndGoAfterTheirRetention() {
        Tenant old = Tenant.create();
        UUID id = UUID.fromString(old.id());
        assertThatThrownBy(() -> QuarkusTransaction.requiringNew()
                        .run(() -> database.createNativeMutationQuery(
                                        "update audit set subject = 'another' where tenant_id = :tenant")
                                .setParameter("tenant", id)
                                .executeUpdate()))
                .hasMessageContaining("audit entries must not be changed");
        UUID ancient = UUID.randomUUID();
        QuarkusTransaction.requiringNew()
                .run(() -> database.createNativeMutationQuery(
                                "insert into audit (id, at, actor_kind, action, tenant_id, subject)"
                                        + " values (:id, '2001-01-01', 'SYSTEM', 'TENANT_CREATED', :tenant, 'ancient')")
                        .setParameter("id", ancient)
                        .setParameter("tenant", id)
                        .executeUpdate());
        assertThat(audit(old).<List<String>>path("items.subject")).contains("ancient");
        assertThat(QuarkusTransaction.requiringNew()
                        .call(() -> retention.expire(Instant.parse("2001-01-02T00:00:00Z"))))
                .isEqualTo(1);
        assertThat(audit(old).<List<String>>path("items.action")).containsExactly("key-created", "tenant-created");
    }
}
