package io.shoal.intake.api;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasItems;

import io.quarkus.test.junit.QuarkusTest;
import io.shoal.embedded.Home;
import io.shoal.embedded.test.Management;
import io.shoal.intake.platform.OnPlatform;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The documentation says what the running service does. Run with -Dopenapi.write=true to write it anew. */
@QuarkusTest
@OnPlatform
class OpenApiTest {
    private static final Path DOCUMENT = Home.checkout().resolve("docs/api/openapi.yaml");

    @Test
    void theDocumentIsThatOfTheRunningService() throws IOException {
        String served = given().get(Management.url("/q/openapi?format=yaml"))
                .asString()
                .lines()
                .filter(line -> !line.matches("\\s*- url: http.*") && !line.equals("servers:"))
                .reduce("", (text, line) -> text + line + "\n");
        if (Boolean.getBoolean("openapi.write")) {
            Files.createDirectories(DOCUMENT.getParent());
            Files.writeString(DOCUMENT, served);
        }
        assertThat(Files.readString(DOCUMENT)).isEqualTo(served);
    }

    @Test
    void healthAndMetricsAreServed() {
        given().get(Management.url("/q/health/live"))
                .then()
                .statusCode(200)
                .body(
                        "checks.name",
                        hasItems(
                                "status reader",
                                "transitions reader",
                                "transitions",
                                "stored segments",
                                "outbox relay",
                                "event changes",
                                "event figures"));
        given().get(Management.url("/q/health/started")).then().statusCode(200);
        io.shoal.intake.platform.Tenant.await()
                .until(() -> given().get(Management.url("/q/health/ready")).statusCode() == 200);
        given().get(Management.url("/q/metrics")).then().statusCode(200);
    }

    /** A proxy that lets only {@code /v1} through may pass a path on as it came. */
    @ParameterizedTest
    @ValueSource(strings = {"/q/metrics", "/q/health/live", "/q/openapi", "/v1/../q/metrics", "/v1/%2e%2e/q/metrics"})
    void theyAreNotServedOnThePublicPort(String path) {
        given().urlEncodingEnabled(false).get(path).then().statusCode(404).body("code", equalTo("not-found"));
    }
}
