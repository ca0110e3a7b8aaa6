package io.shoal.storage;

import static java.util.Map.entry;

import io.quarkus.test.common.QuarkusTestResourceLifecycleManager;
import java.util.Base64;
import java.util.Map;

/** How the service under test is configured beside the addresses of its servers. */
public final class Settings implements QuarkusTestResourceLifecycleManager {
    @Override
    public Map<String, String> start() {
        return Map.ofEntries(
                entry("quarkus.http.test-port", "0"),
                entry("quarkus.management.test-port", "0"),
                entry("shoal.partitions", "4"),
                entry("shoal.replication", "1"),
                entry("shoal.segment-grace", "1500ms"),
                entry("shoal.streams.places", "80"),
                entry("shoal.streams.link-places", "5"),
                entry("shoal.streams.stall", "300ms"),
                entry("shoal.streams.idle", "8s"),
                entry("shoal.streams.slow-period", "2s"),
                entry("shoal.streams.inspection", "1s"),
                entry("shoal.streams.store-patience", "2s"),
                entry("shoal.link-keys", "5:" + Base64.getEncoder().encodeToString(new byte[32])));
    }

    @Override
    public void stop() {}
}
