package io.shoal.intake.access;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;

import io.quarkus.test.junit.QuarkusTest;
import io.restassured.http.ContentType;
import io.restassured.response.Response;
import io.shoal.embedded.test.Management;
import io.shoal.intake.platform.OnPlatform;
import io.shoal.intake.platform.Tenant;
import io.shoal.intake.platform.Torrents;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** Each route of tenants either refuses app keys, or does not let them see a transfer without their label. */
@QuarkusTest
@OnPlatform
class AppKeyRoutesTest {
    private static final String LABEL = "tv";
    private static final String OF_TRANSFER = "/v1/transfers/{id}";

    /** Routes that are not about one transfer and are for app keys all the same; what each shows of a library has a test. */
    private static final Set<String> FOR_APP_KEYS = Set.of(
            "get /v1/transfers",
            "post /v1/transfers",
            "patch /v1/transfers",
            "delete /v1/transfers",
            "get /v1/transfers/counts",
            "get /v1/changes",
            "get /v1/events",
            "post /v1/transfers/queue",
            "post /v1/transfers/verify",
            "post /v1/transfers/reannounce",
            "get /v1/categories",
            "post /v1/categories",
            "get /v1/categories/{id}",
            "get /v1/keys/self",
            "get /v1/sessions",
            "post /v1/sessions",
            "delete /v1/sessions/current",
            "delete /v1/sessions/{id}");

    /**
     * A route of tenants as the API's description lists it.
     *
     * @param streams whether it answers with events, without an end
     */
    private record Route(String method, String path, boolean streams) {
        String path(String id) {
            return path.replace("{id}", id).replaceAll("\\{[a-zA-Z]+}", "0");
        }

        boolean isOfTransfer() {
            return path.startsWith(OF_TRANSFER);
        }

        @Override
        public String toString() {
            return method + " " + path;
        }
    }

    @Test
    void everyRouteRefusesAppKeysOrHidesTransfersWithoutTheirLabel() {
        Tenant tenant = Tenant.create();
        String key = tenant.asks()
                .contentType(ContentType.JSON)
                .body(Map.of("name", "app", "scopes", List.of("read", "write"), "label", LABEL))
                .post("/v1/keys")
                .path("key");
        String hidden = tenant.add(Torrents.small());
        String missing = UUID.randomUUID().toString();
        List<Route> routes = routes();
        assertThat(routes).filteredOn(Route::isOfTransfer).hasSizeGreaterThan(7);
        assertThat(routes.stream().map(Route::toString)).containsAll(FOR_APP_KEYS);
        for (Route route : routes) {
            if (!route.isOfTransfer()) {
                Response answer = send(key, route.streams ? "head" : route.method, route.path(missing));
                assertThat(isRefused(answer))
                        .as("%s refuses app keys", route)
                        .isNotEqualTo(FOR_APP_KEYS.contains(route.toString()));
                continue;
            }
            Response ofHidden = send(key, route.method, route.path(hidden));
            Response ofMissing = send(key, route.method, route.path(missing));
            assertThat(ofHidden.statusCode()).as("%s", route).isEqualTo(isRefused(ofHidden) ? 403 : 404);
            assertThat(said(ofHidden, hidden)).as("%s", route).isEqualTo(said(ofMissing, missing));
            if (!isRefused(ofHidden)) {
                String method = route.streams ? "head" : route.method;
                Response ofLabelled = send(key, method, route.path(labelled(tenant)));
                assertThat(ofLabelled.statusCode())
                        .as("%s of a transfer with the label", route)
                        .isNotIn(401, 403, 404, 405, 500);
            }
        }
        tenant.get(hidden).then().statusCode(200);
    }

    private static String labelled(Tenant tenant) {
        String id = tenant.add(Torrents.small());
        tenant.patch(id, "{\"labels\":[\"" + LABEL + "\"]}").then().statusCode(200);
        return id;
    }

    private static boolean isRefused(Response answer) {
        return answer.statusCode() == 403 && "not-for-app-keys".equals(answer.path("code"));
    }

    private static String said(Response answer, String id) {
        return answer.statusCode() + answer.contentType() + answer.asString().replace(id, "ID");
    }

    private static Response send(String key, String method, String path) {
        return Tenant.bearer(key).contentType(ContentType.JSON).request(method.toUpperCase(Locale.ROOT), path);
    }

    private static List<Route> routes() {
        Map<String, Map<String, Map<String, Object>>> paths = new HashMap<>(
                given().get(Management.url("/q/openapi?format=json")).path("paths"));
        List<Route> routes = new ArrayList<>();
        paths.forEach((path, methods) -> methods.forEach((method, operation) -> {
            if (String.valueOf(operation.get("security")).contains("tenantKey")) {
                boolean streams = String.valueOf(operation.get("responses")).contains("text/event-stream");
                routes.add(new Route(method, path, streams));
            }
        }));
        return routes;
    }
}
