package io.shoal.swarm.worker;

import static io.restassured.RestAssured.get;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.QuarkusTestProfile;
import io.quarkus.test.junit.TestProfile;
import io.shoal.embedded.test.Management;
import io.shoal.embedded.test.S3Resource;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Kafka's clients cannot even be made while no name of a broker resolves; that must count as Kafka being away. */
@QuarkusTest
@TestProfile(UnknownBrokersTest.NoName.class)
@WithTestResource(S3Resource.class)
class UnknownBrokersTest {
    public static final class NoName implements QuarkusTestProfile {
        @Override
        public Map<String, String> getConfigOverrides() {
            Map<String, String> settings = new HashMap<>(new WorkerTest.OneWorker().getConfigOverrides());
            settings.put("kafka.bootstrap.servers", "kafka.invalid:9092");
            return settings;
        }
    }

    @Test
    void theWorkerStartsAndWaitsForThem() {
        await().atMost(Duration.ofSeconds(30))
                .untilAsserted(
                        () -> assertThat(get(Management.url("/q/health/live")).statusCode())
                                .isEqualTo(200));
        assertThat(get(Management.url("/q/health/ready")).statusCode()).isEqualTo(503);
    }
}
