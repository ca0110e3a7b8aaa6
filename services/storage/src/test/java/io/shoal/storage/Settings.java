package io.shoal.storage;

import io.quarkus.test.common.QuarkusTestResourceLifecycleManager;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Map;

/** How the service under test is configured beside the addresses of its servers. */
public final class Settings implements QuarkusTestResourceLifecycleManager {
    @Override
    public Map<String, String> start() {
        return Map.of(
                "quarkus.http.test-port", "0",
                "shoal.partitions", "4",
                "shoal.replication", "1",
                "shoal.segment-grace", "1500ms",
                "shoal.link.key",
                        Base64.getEncoder().encodeToString("a key of these tests".getBytes(StandardCharsets.UTF_8)));
    }

    @Override
    public void stop() {}
}
