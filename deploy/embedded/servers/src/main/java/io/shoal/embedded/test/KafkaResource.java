package io.shoal.embedded.test;

import io.shoal.embedded.KafkaServer;
import java.nio.file.Path;
import java.util.Map;

/**
 * A real Kafka broker for a test; sets {@code kafka.bootstrap.servers}. Arguments of the resource are settings of the broker, in place
 * of or besides the usual ones.
 */
public final class KafkaResource extends ServerResource<KafkaServer> {
    private Map<String, String> settings = Map.of();

    @Override
    public void init(Map<String, String> arguments) {
        settings = Map.copyOf(arguments);
    }

    @Override
    KafkaServer server(Path folder) {
        return KafkaServer.in(folder).with(settings);
    }

    @Override
    Map<String, String> configuration(KafkaServer server) {
        return Map.of("kafka.bootstrap.servers", server.bootstrapServers());
    }
}
