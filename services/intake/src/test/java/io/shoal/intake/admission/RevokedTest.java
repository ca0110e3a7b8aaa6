package io.shoal.intake.admission;

import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.equalTo;

import io.agroal.api.AgroalDataSource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.http.ContentType;
import io.restassured.response.Response;
import io.shoal.contracts.PasskeyHash;
import io.shoal.contracts.records.AdmissionRecord;
import io.shoal.contracts.topics.AdmissionKey;
import io.shoal.contracts.topics.Topic;
import io.shoal.intake.platform.Fleet;
import io.shoal.intake.platform.OnPlatform;
import io.shoal.intake.platform.Tenant;
import jakarta.inject.Inject;
import org.junit.jupiter.api.Test;

/** The end of a passkey: a state for as long as a tracker may be away, then a tombstone. */
@QuarkusTest
@OnPlatform
class RevokedTest {
    @Inject
    AgroalDataSource database;

    @Inject
    Passkeys passkeys;

    @Test
    void aPasskeyThatWasRevokedLongAgoIsForgotten() throws Exception {
        Tenant tenant = Tenant.create();
        Response made = make(tenant);
        String id = made.path("id");
        AdmissionKey key = new AdmissionKey.OfPasskey(PasskeyHash.of(made.<String>path("passkey")));
        revoke(tenant, made);
        try (Fleet fleet = new Fleet();
                var connection = database.getConnection();
                var statement = connection.createStatement()) {
            fleet.awaitAdmission(key, record -> record instanceof AdmissionRecord.Passkey told && told.revoked());
            passkeys.forgetRevoked();
            fleet.awaitAdmission(key, record -> record instanceof AdmissionRecord.Passkey told && told.revoked());

            int aged = statement.executeUpdate(
                    "update passkey set revoked_at = now() - interval '9 days' where id = '" + id + "'");
            assertThat(aged).isEqualTo(1);
            passkeys.forgetRevoked();
            fleet.awaitTombstone(Topic.ADMISSION, key.toString());
        }
    }

    @Test
    void whoMakesAndRevokesWithoutEndIsToldToWaitUntilSomeAreForgotten() throws Exception {
        Tenant tenant = Tenant.create();
        for (int made = 0; made < 30; made++) { // ten times what a tenant may have at once
            revoke(tenant, make(tenant));
        }
        refuse(tenant);
        make(Tenant.create());

        try (var connection = database.getConnection();
                var statement = connection.createStatement()) {
            statement.executeUpdate("update passkey set revoked_at = now() - interval '9 days' where id = (select id"
                    + " from passkey where tenant_id = '" + tenant.id() + "' limit 1)");
        }
        passkeys.forgetRevoked();
        make(tenant);
        refuse(tenant);
    }

    private static Response ask(Tenant tenant) {
        return tenant.asks()
                .contentType(ContentType.JSON)
                .body("{\"name\":\"Ann\"}")
                .post("/v1/passkeys");
    }

    private static Response make(Tenant tenant) {
        Response made = ask(tenant);
        made.then().statusCode(201);
        return made;
    }

    private static void refuse(Tenant tenant) {
        ask(tenant).then().statusCode(409).body("code", equalTo("too-many-passkeys"));
    }

    private static void revoke(Tenant tenant, Response made) {
        tenant.asks().delete("/v1/passkeys/" + made.path("id")).then().statusCode(204);
    }
}
