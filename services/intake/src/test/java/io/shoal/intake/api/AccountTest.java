package io.shoal.intake.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.contains;
import static org.hamcrest.Matchers.equalTo;

import io.quarkus.test.junit.QuarkusTest;
import io.restassured.http.ContentType;
import io.shoal.intake.platform.OnPlatform;
import io.shoal.intake.platform.Tenant;
import io.shoal.intake.platform.Torrents;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** What a tenant is told of its account, and how many transfers it has of each kind. */
@QuarkusTest
@OnPlatform
class AccountTest {
    @Test
    void itNamesTheTenantAndItsPool() {
        Tenant tenant = Tenant.create();
        tenant.asks()
                .get("/v1/account")
                .then()
                .statusCode(200)
                .body("tenant", equalTo(tenant.id()))
                .body(
                        "name",
                        equalTo(Tenant.operator()
                                .get("/v1/tenants/" + tenant.id())
                                .path("name")))
                .body("pooled", equalTo(false));
        String pool = Tenant.operator()
                .contentType(ContentType.JSON)
                .body(Map.of("name", "pool " + UUID.randomUUID()))
                .post("/v1/pools")
                .path("id");
        Tenant.operator()
                .contentType(ContentType.JSON)
                .body(Map.of("pool", pool))
                .put("/v1/tenants/" + tenant.id() + "/pool")
                .then()
                .statusCode(200);
        tenant.submit(Map.of("magnet", Torrents.magnet(Torrents.small())));
        tenant.asks()
                .get("/v1/account")
                .then()
                .body("pooled", equalTo(true))
                .body("quota.usage.transfers", equalTo(1))
                .body("quota.usage.resolving", equalTo(1));
    }

    @Test
    void transfersAreCountedByStateCategoryAndLabel() {
        Tenant tenant = Tenant.create();
        for (String category : List.of("films", "tv")) {
            tenant.asks()
                    .contentType(ContentType.JSON)
                    .body(Map.of("name", category))
                    .post("/v1/categories");
        }
        String paused = tenant.add(Torrents.small());
        tenant.patch(paused, "{\"paused\":true,\"category\":\"tv\",\"labels\":[\"a\",\"b\"]}");
        String labelled = tenant.add(Torrents.small());
        tenant.patch(labelled, "{\"paused\":true,\"labels\":[\"b\"]}");
        tenant.submit(Map.of("magnet", Torrents.magnet(Torrents.small())));
        tenant.asks()
                .get("/v1/transfers/counts")
                .then()
                .statusCode(200)
                .body("total", equalTo(3))
                .body("states.PAUSED", equalTo(2))
                .body("states.RESOLVING", equalTo(1))
                .body("states.FAILED", equalTo(0))
                .body("categories.category", contains("films", "tv"))
                .body("categories.transfers", contains(0, 1))
                .body("uncategorised", equalTo(2))
                .body("labels.label", contains("b", "a"))
                .body("labels.transfers", contains(2, 1))
                .body("moreLabels", equalTo(false));

        tenant.remove(labelled);
        Tenant.await().until(() -> tenant.asks().get("/v1/transfers/counts").<Integer>path("total") == 2);
    }

    @Test
    void countsAreKeptForAsLongAsTheyAreExpensive() {
        assertThat(CountedTransfers.kept(Duration.ofMillis(10))).isEqualTo(Duration.ofSeconds(5));
        assertThat(CountedTransfers.kept(Duration.ofSeconds(1))).isEqualTo(Duration.ofSeconds(20));
    }
}
