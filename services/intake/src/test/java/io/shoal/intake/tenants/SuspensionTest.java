package io.shoal.intake.tenants;

import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.equalTo;

import io.quarkus.test.junit.QuarkusTest;
import io.shoal.contracts.records.AdmissionRecord.TenantRules;
import io.shoal.contracts.topics.AdmissionKey;
import io.shoal.intake.platform.Fleet;
import io.shoal.intake.platform.OnPlatform;
import io.shoal.intake.platform.Tenant;
import io.shoal.intake.platform.Torrents;
import java.time.Instant;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A suspended tenant can do nothing, loses nothing, and can be resumed. */
@QuarkusTest
@OnPlatform
class SuspensionTest {
    private Tenant tenant = new Tenant("", "");
    private String path = "";
    private AdmissionKey rules = new AdmissionKey.OfTenant(new UUID(0, 0));

    @BeforeEach
    void aTenant() {
        tenant = Tenant.create();
        path = "/v1/tenants/" + tenant.id();
        rules = new AdmissionKey.OfTenant(UUID.fromString(tenant.id()));
    }

    private void post(String action, String state) {
        Tenant.operator().post(path + action).then().statusCode(200).body("state", equalTo(state));
    }

    @Test
    void itsKeysAreRefusedWithACodeOfTheirOwnUntilItIsResumed() {
        String transfer = tenant.add(Torrents.small());
        post("/suspend", "SUSPENDED");
        post("/suspend", "SUSPENDED");
        tenant.get(transfer)
                .then()
                .statusCode(403)
                .contentType("application/problem+json")
                .body("code", equalTo("suspended"));
        tenant.submit(Torrents.small()).then().statusCode(403);
        tenant.asks().get("/v1/tenants").then().statusCode(403).body("code", equalTo("forbidden"));
        Tenant.operator().get(path).then().body("state", equalTo("SUSPENDED"));
        post("/resume", "ACTIVE");
        tenant.get(transfer).then().statusCode(200);
    }

    @Test
    void itsLinksAreVoidForGoodAndItsPasskeysWhileItIsSuspended() {
        // For 10 seconds other replicas remember the key, and mint with it.
        long before = Instant.now().getEpochSecond() + 10;
        try (Fleet fleet = new Fleet()) {
            post("/suspend", "SUSPENDED");
            fleet.awaitAdmission(
                    rules, told -> told instanceof TenantRules t && !t.enabled() && t.linksVoidBefore() > before);
            post("/resume", "ACTIVE");
            fleet.awaitAdmission(
                    rules, told -> told instanceof TenantRules t && t.enabled() && t.linksVoidBefore() > before);
        }
    }

    @Test
    void whatTheOperatorRulesForItsUsersStays() {
        try (Fleet fleet = new Fleet()) {
            Tenant.operator()
                    .contentType("application/json")
                    .body("{\"enabled\":false,\"locations\":3}")
                    .put("/v1/tracker" + path.substring(3))
                    .then()
                    .statusCode(200);
            post("/suspend", "SUSPENDED");
            post("/resume", "ACTIVE");
            fleet.awaitAdmission(
                    rules,
                    told -> told instanceof TenantRules t
                            && !t.enabled()
                            && t.linksVoidBefore() > 0
                            && Integer.valueOf(3).equals(t.locations()));
        }
    }

    @Test
    void aTenantThatIsBeingDeletedIsNeitherSuspendedNorResumed() {
        Tenant.operator().delete(path).then().statusCode(202);
        for (String action : new String[] {"/suspend", "/resume", "/keys"}) {
            assertThat(Tenant.operator().post(path + action).statusCode()).isIn(404, 409);
        }
        tenant.awaitGone();
        Tenant.operator().post(path + "/suspend").then().statusCode(404);
    }
}
