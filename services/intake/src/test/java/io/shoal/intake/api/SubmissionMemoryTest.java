package io.shoal.intake.api;

import static org.hamcrest.Matchers.equalTo;

import io.quarkus.test.junit.QuarkusTest;
import io.restassured.http.ContentType;
import io.restassured.response.Response;
import io.shoal.intake.platform.OnPlatform;
import io.shoal.intake.platform.Tenant;
import io.shoal.intake.platform.Torrents;
import io.shoal.objectstore.MemoryBudget;
import jakarta.inject.Inject;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** A torrent in a JSON body takes no memory before that is reserved. */
@QuarkusTest
@OnPlatform
class SubmissionMemoryTest {
    /** More than any budget has: a caller that reserves it has all. */
    private static final long ALL = Long.MAX_VALUE;

    @Inject
    MemoryBudget budget;

    @Test
    void base64IsDecodedOnlyWhileMemoryIsReservedForIt() {
        Tenant tenant = Tenant.create();
        Response waited = budget.with(ALL, () -> {
            tenant.submit(Map.of("magnet", Torrents.magnet(Torrents.small())))
                    .then()
                    .statusCode(201);
            return submitBadBase64(tenant);
        });
        waited.then().statusCode(503).body("code", equalTo("busy"));
        submitBadBase64(tenant).then().statusCode(422).body("field", equalTo("metainfo"));
    }

    private static Response submitBadBase64(Tenant tenant) {
        return tenant.asks()
                .contentType(ContentType.JSON)
                .body("{\"metainfo\":\"" + "!".repeat(100_000) + "\"}")
                .post("/v1/transfers");
    }
}
