package io.shoal.contracts.topics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class KafkaClientConfigTest {
    private static final Map<String, String> SETTINGS = Map.of(
            "kafka.bootstrap.servers",
            "b-1:9096",
            "KAFKA_SASL_MECHANISM",
            "SCRAM-SHA-512",
            "kafka.sasl.jaas.config",
            "a secret",
            "KAFKA_CLIENT_ID",
            "blue",
            "shoal.partitions",
            "4");

    private static KafkaClientConfig config() {
        return KafkaClientConfig.of(SETTINGS.keySet(), name -> Optional.ofNullable(SETTINGS.get(name)));
    }

    @Test
    void eachSettingOfKafkaReachesEachKindOfClient() {
        for (Map<String, Object> client :
                java.util.List.of(config().admin("one"), config().consumer("one"), config().producer("one"))) {
            assertThat(client)
                    .containsEntry("bootstrap.servers", "b-1:9096")
                    .containsEntry("sasl.mechanism", "SCRAM-SHA-512")
                    .containsEntry("sasl.jaas.config", "a secret")
                    .containsEntry("client.id", "blue-one")
                    .doesNotContainKey("partitions");
        }
        assertThat(config().consumer("one")).containsEntry("allow.auto.create.topics", false);
        assertThat(config().producer("one")).containsEntry("acks", "all");
    }

    @Test
    void secretsAreNotPartOfItsText() {
        assertThat(config().toString()).contains("b-1:9096", "sasl.jaas.config").doesNotContain("secret");
    }

    @Test
    void withoutBrokersThereIsNoConfiguration() {
        assertThatThrownBy(() -> KafkaClientConfig.of(Map.of("client.id", "blue")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("kafka.bootstrap.servers");
    }
}
