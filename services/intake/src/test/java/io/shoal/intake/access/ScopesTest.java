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
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Each route of tenants demands its scope. */
@QuarkusTest
@OnPlatform
class ScopesTest {
    private static final Pattern NEEDS_NONE = Pattern.compile("/v1/sessions.*|/v1/keys/self");

    private static final List<String> SCOPES = List.of("read", "write", "admin");

    /** A route of tenants as the API's description lists it. */
    private record Route(String method, String path) {
        String scope() {
            if (path.startsWith("/v1/keys")) {
                return "admin";
            }
            return method.equals("get") || path.endsWith("/links") ? "read" : "write";
        }

        /** The method with which it is called with a key that is let through: an event stream would not end. */
        String harmless() {
            return path.equals("/v1/events") ? "head" : method;
        }
    }

    @Test
    void everyRouteRefusesAKeyThatLacksItsScope() {
        Tenant tenant = Tenant.create();
        Map<String, String> without = SCOPES.stream()
                .collect(Collectors.toMap(
                        scope -> scope, scope -> keyWith(tenant, others(scope).toList())));
        List<Route> routes = routes();
        assertThat(routes).hasSizeGreaterThan(10);
        for (Route route : routes) {
            String path =
                    route.path.replace("{id}", UUID.randomUUID().toString()).replace("{index}", "0");
            Response refused = send(of(without, route.scope()), route.method, path);
            assertThat(refused.statusCode()).as("%s", route).isEqualTo(403);
            refused.then().body("code", equalTo("scope-missing")).body("scope", equalTo(route.scope()));

            others(route.scope())
                    .forEach(scope -> assertThat(send(of(without, scope), route.harmless(), path)
                                    .statusCode())
                            .as("%s needs no scope %s", route, scope)
                            .isNotEqualTo(403));
        }
    }

    @Test
    void sessionsAndTheKeyItselfNeedNoScope() {
        Tenant tenant = Tenant.create();
        for (String scope : SCOPES) {
            String key = keyWith(tenant, List.of(scope));
            String token = Tenant.bearer(key).post("/v1/sessions").path("token");
            Tenant.bearer(token).get("/v1/sessions").then().statusCode(200);
            Tenant.bearer(token).get("/v1/keys/self").then().statusCode(200).body("scopes", equalTo(List.of(scope)));
            Tenant.bearer(token).delete("/v1/sessions/current").then().statusCode(204);
        }
    }

    private static String of(Map<String, String> keys, String scope) {
        return Objects.requireNonNull(keys.get(scope));
    }

    private static Stream<String> others(String scope) {
        return SCOPES.stream().filter(each -> !each.equals(scope));
    }

    private static String keyWith(Tenant tenant, List<String> scopes) {
        Response made = tenant.asks()
                .contentType(ContentType.JSON)
                .body(Map.of("name", "some", "scopes", scopes))
                .post("/v1/keys");
        made.then().statusCode(201);
        return made.path("key");
    }

    private static Response send(String key, String method, String path) {
        return Tenant.bearer(key).contentType(ContentType.JSON).request(method.toUpperCase(Locale.ROOT), path);
    }

    /** All routes that take a tenant's key, without those that need no scope. */
    private static List<Route> routes() {
        Map<String, Map<String, Map<String, Object>>> paths = new HashMap<>(
                given().get(Management.url("/q/openapi?format=json")).path("paths"));
        List<Route> routes = new ArrayList<>();
        paths.forEach((path, methods) -> methods.forEach((method, operation) -> {
            if (String.valueOf(operation.get("security")).contains("tenantKey")
                    && !NEEDS_NONE.matcher(path).matches()) {
                routes.add(new Route(method, path));
            }
        }));
        return routes;
    }
}
