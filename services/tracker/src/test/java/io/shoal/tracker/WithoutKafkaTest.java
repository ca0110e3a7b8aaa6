package io.shoal.tracker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import io.quarkus.runtime.configuration.DurationConverter;
import io.shoal.contracts.topics.KafkaClientConfig;
import io.smallrye.config.SmallRyeConfigBuilder;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** An open tracker, assembled as in production, without Kafka. */
class WithoutKafkaTest {
    private static final String NOBODY = "127.0.0.1:1";

    private @Nullable TrackerService started;

    private TrackerService start(Map<String, String> settings) {
        Map<String, String> all = new HashMap<>(settings);
        all.put("shoal.tracker.open", "true");
        all.put("shoal.tracker.bind", "127.0.0.1");
        all.put("shoal.tracker.http-port", "0");
        all.put("shoal.tracker.udp-port", "0");
        TrackerConfig config = new SmallRyeConfigBuilder()
                .withConverter(Duration.class, 200, new DurationConverter())
                .withMapping(TrackerConfig.class)
                .withDefaultValues(all)
                .build()
                .getConfigMapping(TrackerConfig.class);
        TrackerService tracker =
                new TrackerService(config, KafkaClientConfig.of(Map.of("bootstrap.servers", NOBODY)), 4, (short) 1);
        started = tracker;
        tracker.start(new StartupEvent());
        return tracker;
    }

    @AfterEach
    void stop() {
        if (started != null) {
            started.stop(new ShutdownEvent());
        }
    }

    @Test
    void row19ItServesAtOnceAndForgetsWhoIsSilent() throws Exception {
        TrackerService tracker = start(Map.of("shoal.tracker.peer-lifetime", "1s"));
        assertThat(tracker.isReady()).isTrue();

        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), tracker.httpPort())) {
            String request = "GET /announce?info_hash=aaaaaaaaaaaaaaaaaaaa&peer_id=-TS0001-abcdefghijkl&port=6881"
                    + "&uploaded=0&downloaded=0&left=5 HTTP/1.1\r\nConnection: close\r\n\r\n";
            socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
            assertThat(new String(socket.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1))
                    .contains("10:incompletei1e");
        }
        await().atMost(Duration.ofSeconds(20)).until(() -> tracker.totals().swarms() == 0);
    }

    @Test
    void row31AReplicaIsNotReadyBeforeItHasHeardWhatTheOthersTold() {
        assertThat(start(Map.of("shoal.tracker.replica", "1")).isReady()).isFalse();
    }
}
