package io.shoal.contracts.topics;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.config.TopicConfig;
import org.apache.kafka.common.errors.AuthorizationException;
import org.apache.kafka.common.errors.InvalidConfigurationException;
import org.apache.kafka.common.errors.PolicyViolationException;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.errors.TopicExistsException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Creates the topics and keeps them as the platform needs them. Nothing may be sent before {@link #ensure} has returned: brokers
 * that create topics by themselves would create one with a single partition, whose records expire.
 *
 * <p>The number of partitions is fixed for the life of a deployment: more would move keys away from their compacted past. So a
 * wrong number is refused, while settings that may change on a live topic are corrected by {@link #configure}.
 */
public final class Topics {
    private static final Logger LOG = LoggerFactory.getLogger(Topics.class);

    private static final int DESCRIPTIONS = 50;
    private static final long PAUSE_MS = 100;

    /** Settings of which more than the platform needs is left alone: an operator, or the tracker, has raised it. */
    private static final String AT_LEAST = TopicConfig.RETENTION_MS_CONFIG;

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

    /** Returns a client for {@link #Topics(Admin, int, short)}, named {@code name}. */
    public static Admin connect(KafkaClientConfig kafka, String name) {
        return Admin.create(kafka.admin(name));
    }

    /**
     * Creates the topics that are missing; when this returns all exist with the right number of partitions. Every service may call
     * it, in any order, at once.
     *
     * @throws IllegalStateException if a topic has another number of partitions, or may not be created: the message says what to do
     * @throws ExecutionException if the broker cannot do it now; try again
     */
    public void ensure() throws ExecutionException, InterruptedException {
        Map<Topic, TopicDescription> found = describe();
        for (Topic topic : Topic.values()) {
            if (!found.containsKey(topic)) {
                create(topic);
            }
        }
        for (int left = DESCRIPTIONS; found.size() < Topic.values().length; left--) {
            if (left == 0) {
                throw new ExecutionException(new UnknownTopicOrPartitionException("new topics are not known yet"));
            }
            TimeUnit.MILLISECONDS.sleep(PAUSE_MS); // a topic that was just created is not known at once
            found = describe();
        }
        found.forEach((topic, description) ->
                checkPartitions(topic, description.partitions().size()));
    }

    private void checkPartitions(Topic topic, int actual) {
        int expected = topic.partitions(partitions);
        if (actual != expected) {
            throw new IllegalStateException(
                    ("topic %s has %d partitions and this deployment is configured for %d: set kafka.partitions to the number"
                                    + " that the deployment began with, or, if the topic holds nothing yet, delete it with"
                                    + " kafka-topics --bootstrap-server ... --delete --topic %s and start again")
                            .formatted(topic.topicName(), actual, expected, topic.topicName()));
        }
    }

    /**
     * Corrects what may change on a live topic, and logs it: cleanup policy, {@code min.insync.replicas} (1 with one replica, else
     * 2), the times of segments and compaction, and retention, which is only raised. The topics exist.
     *
     * @throws IllegalStateException if the brokers do not allow it: the message names the commands that do the same
     * @throws ExecutionException if the broker cannot do it now; try again
     */
    public void configure() throws ExecutionException, InterruptedException {
        Map<Topic, TopicDescription> found = describe();
        Map<Topic, Map<String, String>> changes = new TreeMap<>();
        for (Map.Entry<Topic, TopicDescription> entry : found.entrySet()) {
            Topic topic = entry.getKey();
            Map<String, String> needed = new TreeMap<>(topic.config());
            needed.put(TopicConfig.MIN_IN_SYNC_REPLICAS_CONFIG, Integer.toString(insync(entry.getValue())));
            Map<String, String> different = different(topic, needed);
            if (!different.isEmpty()) {
                changes.put(topic, different);
            }
        }
        if (!changes.isEmpty()) {
            set(changes);
        }
    }

    private static int insync(TopicDescription topic) {
        int replicas = topic.partitions().stream()
                .mapToInt(partition -> partition.replicas().size())
                .min()
                .orElse(1);
        return replicas == 1 ? 1 : 2;
    }

    /** Those of {@code needed} that are not in force. */
    private Map<String, String> different(Topic topic, Map<String, String> needed)
            throws ExecutionException, InterruptedException {
        Config actual;
        try {
            actual = config(topic);
        } catch (ExecutionException e) {
            throw refused(Map.of(topic, needed), e);
        }
        Map<String, String> different = new TreeMap<>();
        needed.forEach((name, value) -> {
            String now = actual.get(name).value();
            if (!now.equals(value) && !(name.equals(AT_LEAST) && isAtLeast(now, value))) {
                LOG.info("topic {}: {} is {} and becomes {}", topic.topicName(), name, now, value);
                different.put(name, value);
            }
        });
        return different;
    }

    private void set(Map<Topic, Map<String, String>> changes) throws ExecutionException, InterruptedException {
        Map<ConfigResource, Collection<AlterConfigOp>> operations = new HashMap<>();
        changes.forEach((topic, settings) -> operations.put(
                resource(topic),
                settings.entrySet().stream()
                        .map(setting -> new AlterConfigOp(
                                new ConfigEntry(setting.getKey(), setting.getValue()), AlterConfigOp.OpType.SET))
                        .toList()));
        try {
            admin.incrementalAlterConfigs(operations).all().get();
        } catch (ExecutionException e) {
            throw refused(changes, e);
        }
    }

    /** Returns {@code failure} if it may pass; throws if an operator must set {@code settings}. */
    private static ExecutionException refused(Map<Topic, Map<String, String>> settings, ExecutionException failure) {
        if (!isRefusal(failure)) {
            return failure;
        }
        String commands = settings.entrySet().stream()
                .map(entry ->
                        "kafka-configs --bootstrap-server ... --alter --entity-type topics --entity-name %s --add-config %s"
                                .formatted(
                                        entry.getKey().topicName(),
                                        entry.getValue().entrySet().stream()
                                                .map(setting -> setting.getKey() + "=" + setting.getValue())
                                                .collect(Collectors.joining(","))))
                .collect(Collectors.joining("\n"));
        throw new IllegalStateException(
                "the brokers do not let this service check and set what its topics need (" + failure.getCause()
                        + "): allow it DescribeConfigs and AlterConfigs on them, or have this done and allow DescribeConfigs:\n"
                        + commands,
                failure);
    }

    private static boolean isRefusal(ExecutionException failure) {
        return failure.getCause() instanceof AuthorizationException
                || failure.getCause() instanceof PolicyViolationException
                || failure.getCause() instanceof InvalidConfigurationException;
    }

    /**
     * Keeps the records of {@code topic}, which exists, for {@code least} or longer from the time at which this returns.
     *
     * @throws ExecutionException if the broker cannot do it now; try again
     */
    public void retain(Topic topic, Duration least) throws ExecutionException, InterruptedException {
        String needed = Long.toString(least.toMillis());
        if (isKept(topic, needed)) {
            return;
        }
        set(Map.of(topic, Map.of(TopicConfig.RETENTION_MS_CONFIG, needed)));
        for (int left = DESCRIPTIONS; !isKept(topic, needed); left--) {
            if (left == 0) {
                throw new ExecutionException(
                        new TimeoutException("the retention of " + topic.topicName() + " is as before"));
            }
            TimeUnit.MILLISECONDS.sleep(PAUSE_MS); // the controller has it, the broker does not yet
        }
    }

    private boolean isKept(Topic topic, String needed) throws ExecutionException, InterruptedException {
        return isAtLeast(config(topic).get(TopicConfig.RETENTION_MS_CONFIG).value(), needed);
    }

    /** Whether a retention of {@code actual} is {@code needed} or longer; a negative one has no end. */
    private static boolean isAtLeast(String actual, String needed) {
        long kept = Long.parseLong(actual);
        return kept < 0 || kept >= Long.parseLong(needed);
    }

    private Config config(Topic topic) throws ExecutionException, InterruptedException {
        ConfigResource resource = resource(topic);
        return Objects.requireNonNull(
                admin.describeConfigs(List.of(resource)).all().get().get(resource));
    }

    private static ConfigResource resource(Topic topic) {
        return new ConfigResource(ConfigResource.Type.TOPIC, topic.topicName());
    }

    /** The topics that exist. */
    private Map<Topic, TopicDescription> describe() throws ExecutionException, InterruptedException {
        List<String> names = Arrays.stream(Topic.values()).map(Topic::topicName).toList();
        Map<String, KafkaFuture<TopicDescription>> answers =
                admin.describeTopics(names).topicNameValues();
        Map<Topic, TopicDescription> found = new TreeMap<>();
        List<ExecutionException> failures = new ArrayList<>();
        for (Topic topic : Topic.values()) {
            try {
                found.put(
                        topic,
                        Objects.requireNonNull(answers.get(topic.topicName())).get());
            } catch (ExecutionException e) {
                if (!(e.getCause() instanceof UnknownTopicOrPartitionException)) {
                    failures.add(e);
                }
            }
        }
        if (!failures.isEmpty()) {
            ExecutionException first = failures.getFirst();
            if (first.getCause() instanceof AuthorizationException) {
                throw new IllegalStateException(
                        "the brokers do not let this service see its topics (" + first.getCause()
                                + "): allow it Describe on shoal.*",
                        first);
            }
            throw first;
        }
        return found;
    }

    private void create(Topic topic) throws ExecutionException, InterruptedException {
        NewTopic wanted =
                new NewTopic(topic.topicName(), topic.partitions(partitions), replication).configs(topic.config());
        try {
            admin.createTopics(List.of(wanted)).all().get();
            LOG.info("topic {}: created with {} partitions", topic.topicName(), topic.partitions(partitions));
        } catch (ExecutionException e) {
            if (e.getCause() instanceof AuthorizationException) {
                throw new IllegalStateException(
                        ("topic %s is missing and the brokers do not let this service create it (%s): allow it Create, or have"
                                        + " this done:\nkafka-topics --bootstrap-server ... --create --topic %s --partitions %d%s")
                                .formatted(
                                        topic.topicName(),
                                        e.getCause(),
                                        topic.topicName(),
                                        topic.partitions(partitions),
                                        topic.config().entrySet().stream()
                                                .map(setting ->
                                                        " --config " + setting.getKey() + "=" + setting.getValue())
                                                .collect(Collectors.joining())),
                        e);
            }
            if (!(e.getCause() instanceof TopicExistsException)) {
                throw e;
            }
        }
    }
}
