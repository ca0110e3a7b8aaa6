package io.shoal.intake.records;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;

import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.QuarkusTestProfile;
import io.quarkus.test.junit.TestProfile;
import io.restassured.http.ContentType;
import io.shoal.embedded.test.Management;
import io.shoal.embedded.test.PostgresResource;
import io.shoal.embedded.test.S3Resource;
import io.shoal.intake.platform.Tenant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Kafka's clients cannot even be made while no name of a broker resolves; that must count as Kafka being away. */
@QuarkusTest
@TestProfile(UnknownBrokersTest.NoName.class)
class UnknownBrokersTest {
    public static final class NoName implements QuarkusTestProfile {
        @Override
        public Map<String, String> getConfigOverrides() {
            return Map.of("kafka.bootstrap.servers", "kafka.invalid:9092");
        }

        @Override
        public List<TestResourceEntry> testResources() {
            return List.of(new TestResourceEntry(PostgresResource.class), new TestResourceEntry(S3Resource.class));
        }

        @Override
        public boolean disableGlobalTestResources() {
            return true;
        }
    }

    @Test
    void theServiceStartsAndWaitsForThem() {
        assertThat(given().get(Management.url("/q/health/live")).statusCode()).isEqualTo(200);
        assertThat(given().get(Management.url("/q/health/ready")).statusCode()).isEqualTo(503);
        Tenant.operator()
                .contentType(ContentType.JSON)
                .body(Map.of("name", "early"))
                .post("/v1/tenants")
                .then()
                .statusCode(201);
    }
}
