package io.shoal.storage.records;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.shoal.embedded.test.Management;
import io.shoal.embedded.test.PostgresResource;
import io.shoal.embedded.test.S3Resource;
import io.shoal.storage.Settings;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** A first installation beside Kafka: its name does not resolve yet. */
@QuarkusTest
@WithTestResource(Settings.class)
@WithTestResource(LateKafka.class)
@WithTestResource(PostgresResource.class)
@WithTestResource(S3Resource.class)
class LateKafkaTest {
    @Test
    void theServiceBecomesReadyWhenTheNameIsKnown() {
        await().atMost(Duration.ofSeconds(60))
                .until(() -> given().get(Management.url("/q/health/ready")).statusCode() == 200);
        assertThat(given().get(Management.url("/q/health/live")).asString()).contains("catalog is read");
        assertThat(given().get(Management.url("/q/health/live")).statusCode()).isEqualTo(200);
    }
}
