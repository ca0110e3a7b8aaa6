package io.shoal.intake.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.nullValue;

import io.quarkus.test.junit.QuarkusTest;
import io.restassured.http.ContentType;
import io.restassured.response.Response;
import io.shoal.bittorrent.InfoHash;
import io.shoal.contracts.records.AdmissionRecord;
import io.shoal.contracts.records.AdmissionRecord.Listed;
import io.shoal.contracts.records.AdmissionRecord.Rule;
import io.shoal.contracts.records.AdmissionRecord.TenantRules;
import io.shoal.contracts.topics.AdmissionKey;
import io.shoal.contracts.topics.Topic;
import io.shoal.intake.platform.Fleet;
import io.shoal.intake.platform.OnPlatform;
import io.shoal.intake.platform.Tenant;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** What the operator rules, and how the tracker hears of it. */
@QuarkusTest
@OnPlatform
class TrackerRulesTest {
    private static Response put(String path, String json) {
        return Tenant.operator().contentType(ContentType.JSON).body(json).put("/v1/tracker/" + path);
    }

    private static String fresh() {
        return (UUID.randomUUID().toString() + UUID.randomUUID())
                .replace("-", "")
                .substring(0, 40);
    }

    @Test
    void aTorrentIsAllowedAndNoLongerAllowed() {
        String hash = fresh();
        AdmissionKey key = new AdmissionKey.OfTorrent(InfoHash.ofHex(hash));
        put("allowed/" + hash, "{}")
                .then()
                .statusCode(200)
                .body("infoHash", equalTo(hash))
                .body("reason", nullValue());
        try (Fleet fleet = new Fleet()) {
            AdmissionRecord allowed =
                    fleet.awaitAdmission(key, told -> told instanceof Listed listed && listed.rule() == Rule.ALLOW);
            put("allowed/" + hash, "{\"reason\":\"a customer asked\"}").then().statusCode(200);
            fleet.awaitAdmission(key, told -> told.rev() > allowed.rev());
            Tenant.operator()
                    .get("/v1/tracker/allowed/" + hash)
                    .then()
                    .statusCode(200)
                    .body("reason", equalTo("a customer asked"));

            Tenant.operator().delete("/v1/tracker/allowed/" + hash).then().statusCode(204);
            fleet.awaitTombstone(Topic.ADMISSION, key.toString());
        }
        Tenant.operator().delete("/v1/tracker/allowed/" + hash).then().statusCode(404);
        Tenant.operator().get("/v1/tracker/allowed/" + hash).then().statusCode(404);
    }

    @Test
    void allowedTorrentsComeInPages() {
        String first = "0000000000" + fresh().substring(10);
        String second = "0000000001" + fresh().substring(10);
        put("allowed/" + second, "{}").then().statusCode(200);
        put("allowed/" + first, "{}").then().statusCode(200);
        Response page = Tenant.operator().get("/v1/tracker/allowed?limit=1");
        assertThat(page.<List<String>>path("items.infoHash")).containsExactly(first);
        Response next = Tenant.operator()
                .queryParam("cursor", page.<String>path("next"))
                .get("/v1/tracker/allowed?limit=1");
        assertThat(next.<List<String>>path("items.infoHash")).containsExactly(second);
        Tenant.operator().get("/v1/tracker/allowed?limit=0").then().statusCode(422);
        Tenant.operator().get("/v1/tracker/allowed?cursor=x").then().statusCode(422);
    }

    @Test
    void whatIsNoInfoHashOrNoReasonIsRefused() {
        String hash = fresh();
        for (String reason : List.of("x".repeat(1_001), "\\ud800", "\\u0000")) {
            put("allowed/" + hash, "{\"reason\":\"" + reason + "\"}")
                    .then()
                    .statusCode(422)
                    .body("field", equalTo("reason"));
        }
        Tenant.operator()
                .queryParam("cursor", "\0")
                .get("/v1/tracker/allowed")
                .then()
                .statusCode(422)
                .body("field", equalTo("cursor"));
        for (String no : List.of("x", hash + "0", hash.substring(1), hash.substring(1) + "g")) {
            put("allowed/" + no, "{}").then().statusCode(422).body("field", equalTo("infoHash"));
            Tenant.operator()
                    .get("/v1/tracker/allowed/" + no)
                    .then()
                    .statusCode(422)
                    .body("field", equalTo("infoHash"));
            Tenant.operator().delete("/v1/tracker/allowed/" + no).then().statusCode(422);
        }
    }

    @Test
    void aTenantsUsersAreRuled() {
        Tenant tenant = Tenant.create();
        String path = "tenants/" + tenant.id();
        AdmissionKey key = new AdmissionKey.OfTenant(UUID.fromString(tenant.id()));
        Tenant.operator().get("/v1/tracker/" + path).then().statusCode(404);
        put(path, "{\"locations\":7}")
                .then()
                .statusCode(200)
                .body("enabled", equalTo(true))
                .body("locations", equalTo(7));
        try (Fleet fleet = new Fleet()) {
            fleet.awaitAdmission(
                    key,
                    told -> told instanceof TenantRules rules
                            && Integer.valueOf(7).equals(rules.locations()));
            put(path, "{\"enabled\":false}").then().statusCode(200).body("locations", nullValue());
            fleet.awaitAdmission(
                    key, told -> told instanceof TenantRules rules && !rules.enabled() && rules.locations() == null);
            Tenant.operator().get("/v1/tracker/" + path).then().body("enabled", equalTo(false));

            Tenant.operator().delete("/v1/tenants/" + tenant.id()).then().statusCode(202);
            fleet.awaitAdmission(key, told -> told instanceof TenantRules rules && rules.linksVoidBefore() > 0);
        }
        tenant.awaitGone();
        Tenant.operator().get("/v1/tracker/" + path).then().statusCode(404);
        put(path, "{}").then().statusCode(404);
        put("tenants/nonsense", "{}").then().statusCode(422).body("field", equalTo("id"));
    }

    @Test
    void aNumberOfLocationsOutOfRangeIsRefused() {
        String path = "tenants/" + Tenant.create().id();
        for (int locations : new int[] {0, -1, 101}) {
            put(path, "{\"locations\":" + locations + "}")
                    .then()
                    .statusCode(422)
                    .body("field", equalTo("locations"));
        }
    }
}
