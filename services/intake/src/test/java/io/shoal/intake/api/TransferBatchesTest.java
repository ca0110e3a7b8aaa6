package io.shoal.intake.api;

import static org.hamcrest.Matchers.contains;
import static org.hamcrest.Matchers.empty;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasSize;
import static org.hamcrest.Matchers.nullValue;

import io.quarkus.test.junit.QuarkusTest;
import io.restassured.http.ContentType;
import io.restassured.response.Response;
import io.shoal.intake.platform.OnPlatform;
import io.shoal.intake.platform.Tenant;
import io.shoal.intake.platform.Torrents;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Many transfers in one request. */
@QuarkusTest
@OnPlatform
class TransferBatchesTest {
    private Tenant tenant = new Tenant("", "");

    @BeforeEach
    void aTenant() {
        tenant = Tenant.create();
    }

    private Response change(Object ids, Map<String, ?> change) {
        return tenant.asks()
                .contentType(ContentType.JSON)
                .body(Map.of("ids", ids, "change", change))
                .patch("/v1/transfers");
    }

    private Response remove(Object ids) {
        return tenant.asks()
                .contentType(ContentType.JSON)
                .body(Map.of("ids", ids))
                .delete("/v1/transfers");
    }

    @Test
    void eachIsChangedForItself() {
        String one = tenant.add(Torrents.small());
        String two = tenant.add(Torrents.several());
        String missing = UUID.randomUUID().toString();
        Tenant other = Tenant.create();
        String others = other.add(Torrents.small());
        for (int i = 0; i < 2; i++) { // again, with the same effect
            change(List.of(one, missing, others, "nonsense", two, one), Map.of("labels", List.of("x"), "paused", true))
                    .then()
                    .statusCode(200)
                    .body("results.id", contains(one, missing, others, "nonsense", two))
                    .body("results.done", contains(true, false, false, false, true))
                    .body("results.code", contains(null, "not-found", "not-found", "not-found", null));
            tenant.get(one).then().body("labels", contains("x")).body("state", equalTo("PAUSED"));
            tenant.get(two).then().body("labels", contains("x")).body("state", equalTo("PAUSED"));
        }
        other.get(others).then().body("labels", empty()).body("paused", equalTo(false));
    }

    @Test
    void aRefusalOfOneKeepsNoOtherFromBeingChanged() {
        String small = tenant.add(Torrents.small());
        String several = tenant.add(Torrents.several());
        change(List.of(small, several), Map.of("wanted", List.of(4), "labels", List.of("x")))
                .then()
                .statusCode(200)
                .body("results.code", contains("invalid-field", null));
        tenant.get(small).then().body("labels", empty());
        tenant.get(several).then().body("labels", contains("x"));
        change(List.of(small), Map.of("category", "unknown"))
                .then()
                .statusCode(200)
                .body("results[0].code", equalTo("invalid-field"));
    }

    @Test
    void manyAreRemoved() {
        String one = tenant.add(Torrents.small());
        String two = tenant.add(Torrents.small());
        String stays = tenant.add(Torrents.small());
        Tenant other = Tenant.create();
        String others = other.add(Torrents.small());
        remove(List.of(one, two, others))
                .then()
                .statusCode(200)
                .body("results.done", contains(true, true, false))
                .body("results.code", contains(null, null, "not-found"));
        remove(List.of(one, two)).then().statusCode(200).body("results.code", contains("not-found", "not-found"));
        tenant.asks()
                .get("/v1/transfers")
                .then()
                .body("items.id", contains(stays))
                .body("next", nullValue());
        other.get(others).then().statusCode(200);
    }

    @Test
    void aRequestHasBounds() {
        for (Object ids :
                List.of(List.of(), Collections.nCopies(1_001, "x"), "x", List.of(1), Collections.singletonList(null))) {
            remove(ids).then().statusCode(422);
            change(ids, Map.of("paused", true)).then().statusCode(422).body("field", equalTo("ids"));
        }
        String id = tenant.add(Torrents.small());
        change(List.of(id), Map.of("pause", true)).then().statusCode(422).body("field", equalTo("pause"));
        tenant.asks()
                .contentType(ContentType.JSON)
                .body(Map.of("ids", List.of(id)))
                .patch("/v1/transfers")
                .then()
                .statusCode(422)
                .body("field", equalTo("body"));
        tenant.asks().get("/v1/transfers").then().body("items", hasSize(1));
    }
}
