package io.shoal.tracker;

import static io.restassured.RestAssured.get;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.QuarkusTestProfile;
import io.quarkus.test.junit.TestProfile;
import io.shoal.embedded.test.Management;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Kafka's clients cannot even be made while no name of a broker resolves; that must count as Kafka being away. */
@QuarkusTest
@TestProfile(UnknownBrokersTest.NoName.class)
class UnknownBrokersTest {
    public static final class NoName implements QuarkusTestProfile {
        @Override
        public Map<String, String> getConfigOverrides() {
            return Map.of(
                    "kafka.bootstrap.servers", "kafka.invalid:9092",
                    "quarkus.management.test-port", "0",
                    "shoal.tracker.bind", "127.0.0.1",
                    "shoal.tracker.http-port", "0",
                    "shoal.tracker.udp-port", "0",
                    "shoal.tracker.replica", "0");
        }
    }

    @Test
    void theServiceStartsAndWaitsForThem() {
        await().atMost(Duration.ofSeconds(30))
                .untilAsserted(
                        () -> assertThat(get(Management.url("/q/health/live")).statusCode())
                                .isEqualTo(200));
        assertThat(get(Management.url("/q/health/ready")).statusCode()).isEqualTo(503);
    }
}
