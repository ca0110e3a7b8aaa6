package io.shoal.contracts.topics;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.errors.TopicExistsException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;

/**
 * Creates what is missing and refuses what is different. The number of partitions is fixed for the life of a deployment:
 * more would move keys away from their compacted past.
 */
public final class Topics {
    private static final int DESCRIPTIONS = 50;
    private static final long PAUSE_MS = 100;

    private final Admin admin;
    private final int partitions;
    private final short replication;

    /**
     * @param partitions of every topic, from 1
     * @param replication of every topic; -1 for the broker's default
     */
    public Topics(Admin admin, int partitions, short replication) {
        this.admin = admin;
        this.partitions = partitions;
        this.replication = replication;
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
        for (TopicDescription topic : found.values()) {
            if (topic.partitions().size() != partitions) {
                throw new IllegalStateException("topic %s has %d partitions and this deployment is configured for %d"
                        .formatted(topic.name(), topic.partitions().size(), partitions));
            }
        }
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
        NewTopic wanted = new NewTopic(topic.topicName(), partitions, replication).configs(topic.config());
        try {
            admin.createTopics(List.of(wanted)).all().get();
        } catch (ExecutionException e) {
            if (!(e.getCause() instanceof TopicExistsException)) {
                throw e;
            }
        }
    }
}
