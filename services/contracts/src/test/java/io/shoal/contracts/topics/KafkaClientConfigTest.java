package io.shoal.contracts.topics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.shoal.contracts.loops.LoopWatch;
import java.util.List;
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
                List.of(config().admin("one"), config().consumer("one"), config().producer("one"))) {
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

    /** Else a loop that waits for a broker that is away would be taken for dead, and its pod killed. */
    @Test
    void everyAnswerIsGivenUpBeforeLivenessFails() {
        long silence = LoopWatch.SILENCE.toMillis();
        for (Map<String, Object> client :
                List.of(config().admin("one"), config().consumer("one"), config().producer("one"))) {
            assertThat(millis(client, "request.timeout.ms")).isPositive().isLessThan(silence / 2);
        }
        assertThat(millis(config().admin("one"), "default.api.timeout.ms")).isLessThan(silence / 2);
        assertThat(millis(config().consumer("one"), "default.api.timeout.ms")).isLessThan(silence / 2);
    }

    /** Kafka's defaults of 50 ms and 1 s keep a client busy that has no broker. */
    @Test
    void brokersThatAreAwayAreDialledSeldomUnlessTheOperatorSaysOtherwise() {
        assertThat(config().consumer("one"))
                .containsEntry("reconnect.backoff.ms", 500)
                .containsEntry("reconnect.backoff.max.ms", 5_000);
        Map<String, Object> faster = KafkaClientConfig.of(
                        Map.of("bootstrap.servers", "b-1:9096", "reconnect.backoff.ms", "100"))
                .consumer("one");
        assertThat(faster).containsEntry("reconnect.backoff.ms", "100");
    }

    private static long millis(Map<String, Object> client, String setting) {
        return Long.parseLong(String.valueOf(client.get(setting)));
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
