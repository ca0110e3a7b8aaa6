package io.shoal.intake.records;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;

import io.agroal.api.AgroalDataSource;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.QuarkusTestProfile;
import io.quarkus.test.junit.TestProfile;
import io.shoal.contracts.topics.Topic;
import io.shoal.embedded.test.KafkaResource;
import io.shoal.embedded.test.Management;
import io.shoal.embedded.test.PostgresResource;
import io.shoal.embedded.test.S3Resource;
import io.shoal.intake.platform.Tenant;
import jakarta.inject.Inject;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.config.ConfigResource;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.junit.jupiter.api.Test;

/** A broker that creates topics by itself, and keys that are dirty before the service starts: as after Kafka's topics were lost. */
@QuarkusTest
@TestProfile(TopicsFirstTest.LostTopics.class)
class TopicsFirstTest {
    public static final class LostTopics implements QuarkusTestProfile {
        @Override
        public Map<String, String> getConfigOverrides() {
            return Map.of("quarkus.flyway.locations", "db/migration,db/dirty");
        }

        @Override
        public List<TestResourceEntry> testResources() {
            return List.of(
                    new TestResourceEntry(
                            KafkaResource.class, Map.of("auto.create.topics.enable", "true", "num.partitions", "1")),
                    new TestResourceEntry(PostgresResource.class),
                    new TestResourceEntry(S3Resource.class));
        }

        @Override
        public boolean disableGlobalTestResources() {
            return true;
        }
    }

    @Inject
    AgroalDataSource database;

    @ConfigProperty(name = "kafka.bootstrap.servers")
    String kafka;

    @Test
    void nothingIsSentBeforeTheTopicsAreAsTheyShouldBe() throws Exception {
        Tenant.await()
                .until(() -> given().get(Management.url("/q/health/ready")).statusCode() == 200);
        Tenant.await().until(() -> count("select count(*) from dirty_key where blocked_at is null") == 0);

        List<String> names = Arrays.stream(Topic.values()).map(Topic::topicName).toList();
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", kafka))) {
            admin.describeTopics(names)
                    .allTopicNames()
                    .get()
                    .forEach((name, topic) ->
                            assertThat(topic.partitions()).as(name).hasSize(4));
            for (Topic topic : List.of(Topic.TORRENTS, Topic.SLICES, Topic.STATUS, Topic.ADMISSION)) {
                ConfigResource resource = new ConfigResource(ConfigResource.Type.TOPIC, topic.topicName());
                assertThat(admin.describeConfigs(List.of(resource)).all().get().values())
                        .singleElement()
                        .extracting(config -> config.get("cleanup.policy").value())
                        .isEqualTo("compact");
            }
        }
        assertThat(count("select count(*) from dirty_key")).isZero();
    }

    private int count(String query) throws Exception {
        try (var connection = database.getConnection();
                var count = connection.prepareStatement(query);
                var row = count.executeQuery()) {
            row.next();
            return row.getInt(1);
        }
    }
}
