package io.shoal.intake.records;

import io.shoal.contracts.topics.KafkaClientConfig;
import jakarta.enterprise.context.ApplicationScoped;
import org.eclipse.microprofile.config.Config;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/** How Kafka is reached, and the shape of the topics. */
@ApplicationScoped
class KafkaSettings {
    private final KafkaClientConfig client;
    private final int partitions;
    private final short replication;

    KafkaSettings(
            Config config,
            @ConfigProperty(name = "shoal.partitions") int partitions,
            @ConfigProperty(name = "shoal.replication") short replication) {
        this.client =
                KafkaClientConfig.of(config.getPropertyNames(), name -> config.getOptionalValue(name, String.class));
        this.partitions = partitions;
        this.replication = replication;
    }

    KafkaClientConfig client() {
        return client;
    }

    int partitions() {
        return partitions;
    }

    short replication() {
        return replication;
    }
}
