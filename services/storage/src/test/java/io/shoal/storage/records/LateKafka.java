package io.shoal.storage.records;

import io.quarkus.test.common.QuarkusTestResourceLifecycleManager;
import io.shoal.embedded.test.KafkaResource;
import java.util.HashMap;
import java.util.Map;

/** A broker under a name that is not known at first. */
public final class LateKafka implements QuarkusTestResourceLifecycleManager {
    private final KafkaResource kafka = new KafkaResource();

    @Override
    public Map<String, String> start() {
        Map<String, String> configuration = new HashMap<>(kafka.start());
        configuration.computeIfPresent(
                "kafka.bootstrap.servers", (name, servers) -> servers.replace("127.0.0.1", LateNames.HOST));
        return configuration;
    }

    @Override
    public void stop() {
        kafka.stop();
    }
}
