package io.shoal.embedded.test;

import io.shoal.embedded.KafkaServer;
import java.nio.file.Path;
import java.util.Map;

/** A real Kafka broker for a test; sets {@code kafka.bootstrap.servers}. */
public final class KafkaResource extends ServerResource<KafkaServer> {
    @Override
    KafkaServer server(Path folder) {
        return KafkaServer.in(folder);
    }

    @Override
    Map<String, String> configuration(KafkaServer server) {
        return Map.of("kafka.bootstrap.servers", server.bootstrapServers());
    }
}
