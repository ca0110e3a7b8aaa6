package io.shoal.intake.records;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;

import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.Response;
import io.shoal.embedded.test.DatabaseOutage;
import io.shoal.embedded.test.Management;
import io.shoal.intake.platform.OnPlatform;
import io.shoal.intake.platform.Tenant;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.junit.jupiter.api.Test;

/** All replicas share the database: if its absence made them unready, a tenant would get connection errors and no answer. */
@QuarkusTest
@OnPlatform
class DatabaseAwayTest {
    @ConfigProperty(name = "quarkus.datasource.jdbc.url")
    String url;

    @ConfigProperty(name = "quarkus.datasource.username")
    String user;

    @ConfigProperty(name = "quarkus.datasource.password")
    String password;

    @Test
    void withoutTheDatabaseTheServiceStaysReadyAndAnswersProblems() throws Exception {
        Tenant tenant = Tenant.create();
        String transfer = tenant.add(io.shoal.intake.platform.Torrents.small());
        try (DatabaseOutage _ = DatabaseOutage.of(url, user, password)) {
            Response response = tenant.get(transfer);
            assertThat(response.statusCode()).isEqualTo(503);
            assertThat(response.contentType()).startsWith("application/problem+json");
            assertThat(response.<String>path("type")).endsWith("database-unavailable");

            Response ready = given().get(Management.url("/q/health/ready"));
            assertThat(ready.statusCode()).as(ready.asString()).isEqualTo(200);
            assertThat(given().get(Management.url("/q/health/live")).statusCode())
                    .isEqualTo(200);
        }
        Tenant.await().until(() -> tenant.get(transfer).statusCode() == 200);
    }
}
