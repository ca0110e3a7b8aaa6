package io.shoal.tracker;

import io.shoal.contracts.topics.KafkaClientConfig;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import org.eclipse.microprofile.config.Config;

/** How Kafka is reached: each {@code kafka.*} setting of this service. */
@Singleton
class KafkaSettings {
    @Produces
    @Singleton
    KafkaClientConfig client(Config config) {
        return KafkaClientConfig.of(config.getPropertyNames(), name -> config.getOptionalValue(name, String.class));
    }
}
