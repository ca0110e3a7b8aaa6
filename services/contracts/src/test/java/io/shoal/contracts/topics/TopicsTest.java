package io.shoal.contracts.topics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.shoal.embedded.KafkaServer;
import io.shoal.embedded.RunningServer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.errors.RetriableException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Topics on a real broker. */
class TopicsTest {
    private static final short BROKERS_DEFAULT = -1;

    private static RunningServer running;
    private static Admin admin;

    @BeforeAll
    static void start(@TempDir Path folder) throws Exception {
        KafkaServer server = KafkaServer.in(folder);
        running = RunningServer.start(server, folder.resolve("kafka.log"), Duration.ofSeconds(60));
        admin = Admin.create(Map.of(AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG, server.bootstrapServers()));
    }

    @AfterAll
    static void stop() {
        admin.close();
        running.close();
    }

    @Test
    @Timeout(60)
    void servicesThatStartAtOnceMakeEachTopicOnceAndTheNumberOfPartitionsStays() throws Exception {
        try (ExecutorService services = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<?>> starting = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                starting.add(services.submit(() -> {
                    ensureAsServicesDo(new Topics(admin, 4, BROKERS_DEFAULT));
                    return null;
                }));
            }
            for (Future<?> one : starting) {
                one.get();
            }
        }

        assertThat(admin.listTopics().names().get())
                .contains(
                        "shoal.torrents",
                        "shoal.slices",
                        "shoal.status",
                        "shoal.content",
                        "shoal.demand",
                        "shoal.admission",
                        "shoal.accounting",
                        "shoal.announces",
                        "shoal.dead");
        assertThat(policy("shoal.status")).isEqualTo("compact");
        assertThat(policy("shoal.admission")).isEqualTo("compact");
        assertThat(policy("shoal.accounting")).isEqualTo("delete");
        assertThat(policy("shoal.demand")).isEqualTo("delete");
        assertThatThrownBy(() -> new Topics(admin, 8, BROKERS_DEFAULT).ensure())
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("has 4 partitions and this deployment is configured for 8")
                .hasMessageContaining("set kafka.partitions");
    }

    /** As a broker that creates topics by itself would make it, or an operator who forgot something. */
    @Test
    @Timeout(60)
    void whatMayChangeOnALiveTopicIsCorrected() throws Exception {
        Topics topics = new Topics(admin, 4, BROKERS_DEFAULT);
        ensureAsServicesDo(topics);
        set("shoal.status", Map.of("cleanup.policy", "delete", "segment.ms", "604800000", "min.insync.replicas", "3"));
        set("shoal.content", Map.of("retention.ms", "1000"));
        set("shoal.dead", Map.of("retention.ms", "31536000000"));

        topics.configure();

        await("shoal.status", "cleanup.policy", "compact");
        await("shoal.status", "segment.ms", "3600000");
        await("shoal.status", "max.compaction.lag.ms", "3600000");
        await("shoal.status", "min.insync.replicas", "1");
        await("shoal.content", "retention.ms", "604800000");
        await("shoal.dead", "retention.ms", "31536000000"); // longer than needed is left alone
        topics.configure();
    }

    private static void set(String topic, Map<String, String> settings) throws Exception {
        List<AlterConfigOp> operations = settings.entrySet().stream()
                .map(setting -> new AlterConfigOp(
                        new ConfigEntry(setting.getKey(), setting.getValue()), AlterConfigOp.OpType.SET))
                .toList();
        admin.incrementalAlterConfigs(Map.of(new ConfigResource(ConfigResource.Type.TOPIC, topic), operations))
                .all()
                .get();
        for (Map.Entry<String, String> setting : settings.entrySet()) {
            await(topic, setting.getKey(), setting.getValue());
        }
    }

    /** The controller has it before the broker. */
    private static void await(String topic, String name, String value) throws Exception {
        while (!value.equals(config(topic, name))) {
            Thread.onSpinWait();
        }
    }

    @Test
    @Timeout(60)
    void aTopicIsKeptAsLongAsItsReaderNeedsAndNeverShorterThanBefore() throws Exception {
        Topics topics = new Topics(admin, 4, BROKERS_DEFAULT);
        ensureAsServicesDo(topics);
        topics.retain(Topic.ANNOUNCES, Duration.ofMinutes(10));
        assertThat(config("shoal.announces", "retention.ms")).isEqualTo("3600000");

        topics.retain(Topic.ANNOUNCES, Duration.ofHours(3));
        topics.retain(Topic.ANNOUNCES, Duration.ofHours(2));
        assertThat(config("shoal.announces", "retention.ms")).isEqualTo("10800000");
    }

    @Test
    void aDeploymentOfManyPartitionsHasFewForAnnounces() {
        assertThat(Topic.ANNOUNCES.partitions(256)).isEqualTo(16);
        assertThat(Topic.ANNOUNCES.partitions(4)).isEqualTo(4);
        assertThat(Topic.SLICES.partitions(256)).isEqualTo(256);
    }

    /** Again while the broker cannot say what it has just made. */
    private static void ensureAsServicesDo(Topics topics) throws InterruptedException {
        boolean done = false;
        while (!done) {
            try {
                topics.ensure();
                done = true;
            } catch (ExecutionException e) {
                assertThat(e).hasCauseInstanceOf(RetriableException.class);
            }
        }
    }

    private static String policy(String topic) throws Exception {
        return config(topic, "cleanup.policy");
    }

    private static String config(String topic, String name) throws Exception {
        ConfigResource resource = new ConfigResource(ConfigResource.Type.TOPIC, topic);
        return Objects.requireNonNull(
                        admin.describeConfigs(List.of(resource)).all().get().get(resource))
                .get(name)
                .value();
    }
}
