package io.shoal.contracts.topics;

import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.config.TopicConfig;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.errors.TopicExistsException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;

/**
 * Creates what is missing and refuses what is different. The number of partitions is fixed for the life of a deployment:
 * more would move keys away from their compacted past.
 */
public final class Topics {
    private static final int ANSWER_MILLIS = 5_000;

    private static final int DESCRIPTIONS = 50;
    private static final long PAUSE_MS = 100;

    private final Admin admin;
    private final int partitions;
    private final short replication;

    /**
     * @param partitions of the deployment, from 1; see {@link Topic#partitions}
     * @param replication of every topic; -1 for the broker's default
     */
    public Topics(Admin admin, int partitions, short replication) {
        this.admin = admin;
        this.partitions = partitions;
        this.replication = replication;
    }

    /**
     * A client for {@link #Topics(Admin, int, short)}. It gives up after ten seconds, so that a service which stops is not held up by a Kafka that is
     * away.
     *
     * @param client the service's settings of a Kafka client
     */
    public static Admin connect(Map<String, ?> client) {
        Map<String, Object> config = new HashMap<>(client);
        config.put(AdminClientConfig.REQUEST_TIMEOUT_MS_CONFIG, ANSWER_MILLIS);
        config.put(AdminClientConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, 2 * ANSWER_MILLIS);
        return Admin.create(config);
    }

    /**
     * All topics exist with the right number of partitions when this returns. Every service may call it, in any order, at
     * once.
     *
     * @throws IllegalStateException if a topic has another number of partitions
     * @throws ExecutionException if the broker cannot do it now; try again
     */
    public void ensure() throws ExecutionException, InterruptedException {
        for (Topic topic : Topic.values()) {
            create(topic);
        }
        Map<String, TopicDescription> found = describe();
        for (Topic topic : Topic.values()) {
            int there = Objects.requireNonNull(found.get(topic.topicName()))
                    .partitions()
                    .size();
            if (there != topic.partitions(partitions)) {
                throw new IllegalStateException("topic %s has %d partitions and this deployment is configured for %d"
                        .formatted(topic.topicName(), there, topic.partitions(partitions)));
            }
        }
    }

    /**
     * {@code topic}, which exists, keeps its records for {@code least} or longer when this returns.
     *
     * @throws ExecutionException if the broker cannot do it now; try again
     */
    public void retain(Topic topic, Duration least) throws ExecutionException, InterruptedException {
        ConfigResource resource = new ConfigResource(ConfigResource.Type.TOPIC, topic.topicName());
        if (isKept(resource, least)) {
            return;
        }
        ConfigEntry longer = new ConfigEntry(TopicConfig.RETENTION_MS_CONFIG, Long.toString(least.toMillis()));
        admin.incrementalAlterConfigs(Map.of(resource, List.of(new AlterConfigOp(longer, AlterConfigOp.OpType.SET))))
                .all()
                .get();
        for (int left = DESCRIPTIONS; !isKept(resource, least); left--) {
            if (left == 0) {
                throw new ExecutionException(
                        new TimeoutException("the retention of " + topic.topicName() + " is as before"));
            }
            TimeUnit.MILLISECONDS.sleep(PAUSE_MS); // the controller has it, the broker hears of it
        }
    }

    private boolean isKept(ConfigResource topic, Duration least) throws ExecutionException, InterruptedException {
        Config config = Objects.requireNonNull(
                admin.describeConfigs(List.of(topic)).all().get().get(topic));
        long kept = Long.parseLong(config.get(TopicConfig.RETENTION_MS_CONFIG).value());
        return kept < 0 || kept >= least.toMillis();
    }

    /** A topic that was just created is not known at once. */
    private Map<String, TopicDescription> describe() throws ExecutionException, InterruptedException {
        List<String> names = Arrays.stream(Topic.values()).map(Topic::topicName).toList();
        for (int left = DESCRIPTIONS; ; left--) {
            try {
                return admin.describeTopics(names).allTopicNames().get();
            } catch (ExecutionException e) {
                if (left == 0 || !(e.getCause() instanceof UnknownTopicOrPartitionException)) {
                    throw e;
                }
                TimeUnit.MILLISECONDS.sleep(PAUSE_MS);
            }
        }
    }

    private void create(Topic topic) throws ExecutionException, InterruptedException {
        NewTopic wanted =
                new NewTopic(topic.topicName(), topic.partitions(partitions), replication).configs(topic.config());
        try {
            admin.createTopics(List.of(wanted)).all().get();
        } catch (ExecutionException e) {
            if (!(e.getCause() instanceof TopicExistsException)) {
                throw e;
            }
        }
    }
}
