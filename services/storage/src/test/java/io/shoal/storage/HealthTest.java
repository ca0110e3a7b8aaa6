package io.shoal.storage;

import static io.restassured.RestAssured.get;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.shoal.embedded.test.Management;
import java.time.Duration;
import org.junit.jupiter.api.Test;

@PlatformTest
class HealthTest {
    @Test
    void itIsReadyOnceItHasReadWhatWasThereAndSaysWhatItDoes() {
        await().atMost(Duration.ofSeconds(30))
                .until(() -> get(Management.url("/q/health/ready")).statusCode() == 200);
        assertThat(get(Management.url("/q/health/ready")).asString()).contains("catalog has caught up");
        assertThat(get(Management.url("/q/health/live")).statusCode()).isEqualTo(200);
        assertThat(get(Management.url("/q/health/started")).statusCode()).isEqualTo(200);
        assertThat(get(Management.url("/q/metrics")).asString()).contains("jvm_memory_used_bytes");
    }
}
