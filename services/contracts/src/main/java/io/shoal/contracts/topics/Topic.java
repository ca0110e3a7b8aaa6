package io.shoal.contracts.topics;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.apache.kafka.common.config.TopicConfig;

/** The topics of the platform. Their key decides the order: records of one key are seen in the order they were sent. */
public enum Topic {
    /** Desired state of each torrent; key torrent id. */
    TORRENTS(Topic.TORRENTS_NAME),
    /** Desired state of each slice and each resolving magnet; key {@link SliceKey}. */
    SLICES(Topic.SLICES_NAME),
    /** Observed state of each slice; same keys, so same partitions, as {@link #SLICES}. */
    STATUS(Topic.STATUS_NAME),
    /** Figures of the slices that move, each record with those of its partition; partitions as {@link #SLICES}. */
    PROGRESS(Topic.PROGRESS_NAME),
    /** What storage has done with content; key torrent id. */
    CONTENT(Topic.CONTENT_NAME),
    /** What is asked of a slice's owner for some seconds; same keys, so same partitions, as {@link #SLICES}. */
    DEMAND(Topic.DEMAND_NAME),
    /** The users and torrents that the tracker admits; key {@link AdmissionKey}. */
    ADMISSION(Topic.ADMISSION_NAME),
    /** What members of private torrents sent and received; key user / info-hash. */
    ACCOUNTING(Topic.ACCOUNTING_NAME),
    /** Changes of peers that the tracker's replicas exchange; in binary, partitions by info-hash. */
    ANNOUNCES(Topic.ANNOUNCES_NAME),
    /** Records that could not be parsed, with the reason. */
    DEAD(Topic.DEAD_NAME);

    public static final String TORRENTS_NAME = "shoal.torrents";
    public static final String SLICES_NAME = "shoal.slices";
    public static final String STATUS_NAME = "shoal.status";
    public static final String PROGRESS_NAME = "shoal.progress";
    public static final String CONTENT_NAME = "shoal.content";
    public static final String DEMAND_NAME = "shoal.demand";
    public static final String ADMISSION_NAME = "shoal.admission";
    public static final String ACCOUNTING_NAME = "shoal.accounting";
    public static final String ANNOUNCES_NAME = "shoal.announces";
    public static final String DEAD_NAME = "shoal.dead";

    /** No record is larger, in bytes. */
    public static final int RECORD_BYTES = 512 << 10;

    /** Partitions of {@link #ANNOUNCES} at most: more would make its frames smaller, not its readers faster. */
    private static final int ANNOUNCES_PARTITIONS = 16;

    private final String topicName;

    Topic(String topicName) {
        this.topicName = topicName;
    }

    /** Its name on the broker. */
    public String topicName() {
        return topicName;
    }

    /** How many partitions it has in a deployment of {@code partitions}. */
    public int partitions(int partitions) {
        return this == ANNOUNCES ? Math.min(partitions, ANNOUNCES_PARTITIONS) : partitions;
    }

    /** Its settings on the broker that do not depend on the number of brokers. */
    Map<String, String> config() {
        return switch (this) {
            case TORRENTS, SLICES, STATUS, ADMISSION -> compacted();
            case CONTENT, ACCOUNTING -> log(Duration.ofDays(7));
            case PROGRESS, DEMAND -> brief(Duration.ofMinutes(10));
            case ANNOUNCES -> brief(Duration.ofHours(1));
            case DEAD -> log(Duration.ofDays(30));
        };
    }

    private static Map<String, String> compacted() {
        return Map.of(
                TopicConfig.CLEANUP_POLICY_CONFIG,
                TopicConfig.CLEANUP_POLICY_COMPACT,
                TopicConfig.MAX_COMPACTION_LAG_MS_CONFIG,
                Long.toString(Duration.ofHours(1).toMillis()),
                TopicConfig.SEGMENT_MS_CONFIG,
                Long.toString(Duration.ofHours(1).toMillis()));
    }

    private static Map<String, String> log(Duration retention) {
        return Map.of(
                TopicConfig.CLEANUP_POLICY_CONFIG,
                TopicConfig.CLEANUP_POLICY_DELETE,
                TopicConfig.RETENTION_MS_CONFIG,
                Long.toString(retention.toMillis()));
    }

    /** A log of many records: its short segments keep at most a quarter more than the retention. */
    private static Map<String, String> brief(Duration retention) {
        Map<String, String> config = new HashMap<>(log(retention));
        config.put(
                TopicConfig.SEGMENT_MS_CONFIG,
                Long.toString(retention.dividedBy(4).toMillis()));
        return config;
    }
}
