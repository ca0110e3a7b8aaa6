package io.shoal.intake.access;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.equalTo;

import io.quarkus.test.junit.QuarkusTest;
import io.restassured.http.ContentType;
import io.restassured.response.Response;
import io.shoal.embedded.test.Management;
import io.shoal.intake.platform.OnPlatform;
import io.shoal.intake.platform.Tenant;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** Requests that are more than their key or their address may send. */
@QuarkusTest
@OnPlatform
class RequestLimitsTest {
    private static final int ADDRESS_BURST = 200;

    private static Response ask(String key, String address) {
        return Tenant.bearer(key).header("X-Forwarded-For", address).get("/v1/transfers?limit=1");
    }

    @Test
    void aKeyThatSendsTooManyIsRefusedAndNoOther() {
        Tenant tenant = Tenant.create();
        String other = Tenant.operator()
                .post("/v1/tenants/" + tenant.id() + "/keys")
                .then()
                .statusCode(201)
                .extract()
                .path("key");
        Tenant.operator()
                .contentType(ContentType.JSON)
                .body("{\"requestsPerSecond\":1,\"requestBurst\":3}")
                .patch("/v1/tenants/" + tenant.id() + "/quota")
                .then()
                .statusCode(200);
        tenant.asks()
                .get("/v1/transfers")
                .then()
                .statusCode(200)
                .header("RateLimit-Limit", "3")
                .header("RateLimit-Remaining", "2");
        Response answer = tenant.asks().get("/v1/transfers");
        for (int requests = 2; answer.statusCode() == 200 && requests < 1_000; requests++) {
            answer = tenant.asks().get("/v1/transfers");
        }
        answer.then()
                .statusCode(429)
                .contentType("application/problem+json")
                .header("RateLimit-Remaining", "0")
                .header("Retry-After", "1")
                .body("code", equalTo("too-many-requests"));
        assertThat(Integer.parseInt(answer.header("RateLimit-Reset"))).isBetween(2, 3);
        Tenant.bearer(other).get("/v1/transfers").then().statusCode(200);
        Tenant.create().asks().get("/v1/transfers").then().statusCode(200);
    }

    @Test
    void anAddressThatGuessesKeysIsRefusedBeforeTheyAreLookedUp() {
        String address = "203.0.113.77";
        String busy = Tenant.create().key();
        String unused = Tenant.create().key();
        String guess = "shoal_" + UUID.randomUUID();
        ask(busy, address).then().statusCode(200);
        Response answer = ask(guess, address);
        for (int guesses = 1; answer.statusCode() == 401 && guesses < 20 * ADDRESS_BURST; guesses++) {
            answer = ask(guess, address);
        }
        answer.then()
                .statusCode(429)
                .header("Retry-After", "1")
                .header("RateLimit-Remaining", "0")
                .body("code", equalTo("too-many-requests"));
        ask(busy, address).then().statusCode(200);
        ask(unused, "203.0.113.78").then().statusCode(200);
        Tenant.operator()
                .header("X-Forwarded-For", address)
                .get("/v1/tenants?limit=1")
                .then()
                .statusCode(200);
        for (String path : new String[] {"/q/health/live", "/q/metrics"}) {
            given().header("X-Forwarded-For", address)
                    .get(Management.url(path))
                    .then()
                    .statusCode(200);
        }
    }

    @Test
    void theAddressesOfOneIpv6NetworkCountAsOne() {
        Response answer = ask("guess", "2001:db8:7::1");
        for (int guesses = 1; answer.statusCode() == 401 && guesses < 20 * ADDRESS_BURST; guesses++) {
            answer = ask("guess", "2001:db8:7::%x:1".formatted(guesses));
        }
        answer.then().statusCode(429);
        ask("guess", "2001:db8:7:1::1").then().statusCode(401);
    }
}
