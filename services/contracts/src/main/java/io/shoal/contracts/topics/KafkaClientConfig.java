package io.shoal.contracts.topics;

import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Function;
import org.apache.kafka.clients.CommonClientConfigs;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.producer.ProducerConfig;

/**
 * The one source of the configuration of Kafka clients: each {@code kafka.*} setting of a service reaches each of its clients, so
 * that whatever a managed Kafka needs (TLS, SASL, login modules, client ids) is configured once and completely. What the code of a
 * client depends on is put over these settings.
 */
public final class KafkaClientConfig {
    private static final String DOTTED = "kafka.";
    private static final String UNDERSCORED = "kafka_";

    /** An answer takes no longer while the brokers are there. Well below what liveness allows, so that waiting is not taken for death. */
    private static final int ANSWER_MS = 20_000;

    private static final int ADMIN_ANSWER_MS = 5_000;

    /**
     * Brokers that are away are tried this seldom. A client also wakes up once in the shorter time to see whether an attempt is due:
     * Kafka's default of 50 ms costs as much as the attempts.
     */
    private static final int RECONNECT_MS = 500;

    private static final int RECONNECT_MAX_MS = 5_000;

    private final Map<String, String> settings;

    private KafkaClientConfig(Map<String, String> settings) {
        this.settings = settings;
    }

    /**
     * The {@code kafka.*} settings among {@code names}; those of environment variables are written {@code KAFKA_*}, as MicroProfile
     * Config maps them. {@code kafka.bootstrap.servers} must be one of them.
     *
     * @param value of a setting; empty if it has none
     */
    public static KafkaClientConfig of(Iterable<String> names, Function<String, Optional<String>> value) {
        Map<String, String> settings = new TreeMap<>();
        for (String name : names) {
            String lower = name.toLowerCase(Locale.ROOT);
            if (lower.startsWith(DOTTED) || lower.startsWith(UNDERSCORED)) {
                String key = lower.substring(DOTTED.length()).replace('_', '.');
                value.apply(name).ifPresent(text -> settings.put(key, text));
            }
        }
        return of(settings);
    }

    /** The settings of clients by Kafka's names, such as {@code bootstrap.servers}. */
    public static KafkaClientConfig of(Map<String, String> settings) {
        if (!settings.containsKey(CommonClientConfigs.BOOTSTRAP_SERVERS_CONFIG)) {
            throw new IllegalArgumentException("kafka.bootstrap.servers is not set");
        }
        return new KafkaClientConfig(Map.copyOf(settings));
    }

    /**
     * The configuration of a consumer, to be completed and given to its constructor. It creates no topics.
     *
     * @param name of the client in brokers' logs and quotas, after the configured client id if there is one
     */
    public Map<String, Object> consumer(String name) {
        Map<String, Object> config = client(name);
        config.put(ConsumerConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, ANSWER_MS);
        config.put(ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG, false);
        return config;
    }

    /** The configuration of a producer whose records are safe, and in order, once they are acknowledged; named as in {@link #consumer}. */
    public Map<String, Object> producer(String name) {
        Map<String, Object> config = client(name);
        config.put(ProducerConfig.ACKS_CONFIG, "all");
        return config;
    }

    /** The configuration of an admin client; named as in {@link #consumer}. It gives up after ten seconds, so that no stop waits for it. */
    public Map<String, Object> admin(String name) {
        Map<String, Object> config = client(name);
        config.put(AdminClientConfig.REQUEST_TIMEOUT_MS_CONFIG, ADMIN_ANSWER_MS);
        config.put(AdminClientConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, 2 * ADMIN_ANSWER_MS);
        return config;
    }

    private Map<String, Object> client(String name) {
        Map<String, Object> config = new HashMap<>();
        config.put(CommonClientConfigs.RECONNECT_BACKOFF_MS_CONFIG, RECONNECT_MS);
        config.put(CommonClientConfigs.RECONNECT_BACKOFF_MAX_MS_CONFIG, RECONNECT_MAX_MS);
        config.put(CommonClientConfigs.REQUEST_TIMEOUT_MS_CONFIG, ANSWER_MS);
        config.putAll(settings);
        String prefix = settings.get(CommonClientConfigs.CLIENT_ID_CONFIG);
        config.put(CommonClientConfigs.CLIENT_ID_CONFIG, prefix == null ? name : prefix + "-" + name);
        return config;
    }

    /** Names the brokers and the settings, never their values: passwords are among them. */
    @Override
    public String toString() {
        return "KafkaClientConfig[" + settings.get(CommonClientConfigs.BOOTSTRAP_SERVERS_CONFIG) + ", "
                + settings.keySet() + "]";
    }
}
