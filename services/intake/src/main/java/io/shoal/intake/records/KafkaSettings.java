package io.shoal.intake.records;

import jakarta.enterprise.context.ApplicationScoped;
import java.util.HashMap;
import java.util.Map;
import org.apache.kafka.clients.CommonClientConfigs;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/** Where Kafka is, and the shape of the topics. */
@ApplicationScoped
class KafkaSettings {
    private final String bootstrapServers;
    private final int partitions;
    private final short replication;

    KafkaSettings(
            @ConfigProperty(name = "kafka.bootstrap.servers") String bootstrapServers,
            @ConfigProperty(name = "shoal.partitions") int partitions,
            @ConfigProperty(name = "shoal.replication") short replication) {
        this.bootstrapServers = bootstrapServers;
        this.partitions = partitions;
        this.replication = replication;
    }

    int partitions() {
        return partitions;
    }

    short replication() {
        return replication;
    }

    /** The configuration of a plain client. */
    Map<String, Object> clientWith(Map<String, Object> more) {
        Map<String, Object> all = new HashMap<>(more);
        all.put(CommonClientConfigs.BOOTSTRAP_SERVERS_CONFIG, bootstrapServers);
        return all;
    }
}
