package io.shoal.intake.platform;

import static io.restassured.RestAssured.given;

import io.restassured.http.ContentType;
import io.restassured.response.Response;
import io.restassured.specification.RequestSpecification;
import io.shoal.bittorrent.metainfo.Metainfo;
import io.shoal.embedded.test.Management;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.UUID;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionFactory;

/** A tenant of a test's own, and what it does over the API. */
public record Tenant(String id, String key) {
    public static final String OPERATOR_KEY = "the-first-operator-key-of-the-tests";

    /** A new one, of a platform that has all it needs: topics and bucket are made while it begins to listen. */
    public static Tenant create() {
        await().until(() -> given().get(Management.url("/q/health/ready")).statusCode() == 200);
        Response made = operator()
                .contentType(ContentType.JSON)
                .body(Map.of("name", "tenant " + UUID.randomUUID()))
                .post("/v1/tenants");
        made.then().statusCode(201);
        return new Tenant(made.path("id"), made.path("key"));
    }

    public static RequestSpecification operator() {
        return bearer(OPERATOR_KEY);
    }

    public static RequestSpecification bearer(String key) {
        return given().header("Authorization", "Bearer " + key);
    }

    public RequestSpecification asks() {
        return bearer(key);
    }

    public Response submit(Metainfo metainfo) {
        return asks().contentType("application/x-bittorrent")
                .body(metainfo.encode())
                .post("/v1/transfers");
    }

    public Response submit(Map<String, ?> json) {
        return asks().contentType(ContentType.JSON).body(json).post("/v1/transfers");
    }

    /** Submits, and returns the transfer's id. */
    public String add(Metainfo metainfo) {
        Response response = submit(metainfo);
        response.then().statusCode(201);
        return response.path("id");
    }

    public Response patch(String transfer, String json) {
        return asks().contentType(ContentType.JSON).body(json).patch("/v1/transfers/" + transfer);
    }

    public Response get(String transfer) {
        return asks().get("/v1/transfers/" + transfer);
    }

    public String state(String transfer) {
        return get(transfer).path("state");
    }

    public void awaitState(String transfer, String state) {
        await().until(() -> state(transfer), state::equals);
    }

    public void remove(String transfer) {
        asks().delete("/v1/transfers/" + transfer).then().statusCode(204);
    }

    /** Waits until nothing of the tenant is left, after it was deleted. */
    public void awaitGone() {
        await().until(() -> operator().get("/v1/tenants/" + id).statusCode() == 404);
    }

    /**
     * Waits until a key or a session has expired, and sends {@code request} with it all the while, so that it is remembered: the next
     * request must be refused all the same.
     */
    public static void awaitExpiry(Instant expiry, Runnable request) {
        await().until(() -> {
            request.run();
            return !Instant.now().isBefore(expiry);
        });
    }

    /** Waits for what must come about soon. */
    public static ConditionFactory await() {
        return Awaitility.await().atMost(Duration.ofSeconds(20)).pollInterval(Duration.ofMillis(50));
    }
}
