package io.shoal.storage;

import io.quarkus.test.common.QuarkusTestResourceLifecycleManager;
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
                "shoal.link-keys", "5:" + Base64.getEncoder().encodeToString(new byte[32]));
    }

    @Override
    public void stop() {}
}
