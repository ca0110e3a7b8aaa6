package io.shoal.tracker.records;

import io.shoal.bittorrent.InfoHash;
import io.shoal.contracts.TorrentId;
import io.shoal.contracts.records.BadRecordException;
import io.shoal.contracts.records.Json;
import io.shoal.contracts.records.TorrentRecord;
import io.shoal.contracts.topics.Topic;
import io.shoal.tracker.admission.Registered;
import io.shoal.tracker.swarms.SwarmKey;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.WakeupException;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Reads {@code shoal.torrents} from the beginning and follows it for ever. The topic is state: no offset is committed, and what
 * is served is known once the end that was seen at the start has been reached. While Kafka is away, what was read stays in
 * force.
 */
final class TorrentsReader {
    private static final Logger LOG = Logger.getLogger(TorrentsReader.class);
    private static final Duration POLL = Duration.ofMillis(500);

    private final Consumer<byte[], byte[]> consumer;
    private final DeadRecords dead;
    private final Registered registered;
    private final List<TopicPartition> partitions;

    TorrentsReader(Consumer<byte[], byte[]> consumer, DeadRecords dead, Registered registered, int partitions) {
        this.consumer = consumer;
        this.dead = dead;
        this.registered = registered;
        this.partitions = IntStream.range(0, partitions)
                .mapToObj(partition -> new TopicPartition(Topic.TORRENTS_NAME, partition))
                .toList();
    }

    /**
     * Returns when the thread is interrupted or the consumer woken up.
     *
     * @param caughtUp is run once, when all that was there at the start has been taken in
     * @throws KafkaException if Kafka cannot be reached before that: try again with a new consumer
     */
    void run(Runnable caughtUp) {
        try {
            consumer.assign(partitions);
            consumer.seekToBeginning(partitions);
            Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
            while (ends.entrySet().stream().anyMatch(end -> consumer.position(end.getKey()) < end.getValue())) {
                poll();
            }
            caughtUp.run();
            while (true) {
                poll();
            }
        } catch (WakeupException | InterruptException e) {
            LOG.debug("no longer reading torrents", e);
        }
    }

    private void poll() {
        for (ConsumerRecord<byte[], byte[]> read : consumer.poll(POLL)) {
            try {
                take(read.key(), read.value());
            } catch (BadRecordException | IllegalArgumentException e) {
                dead.bury(read, reason(e));
            }
        }
    }

    private static String reason(Exception e) {
        Throwable cause = e.getCause() == null ? e : e.getCause();
        return String.valueOf(cause.getMessage());
    }

    private void take(byte @Nullable [] key, byte @Nullable [] value) throws BadRecordException {
        if (key == null) {
            throw new BadRecordException("no key", null);
        }
        TorrentId torrent = new TorrentId(new String(key, StandardCharsets.UTF_8));
        if (value == null) {
            registered.forget(torrent);
            return;
        }
        TorrentRecord record = Json.read(value, TorrentRecord.class);
        boolean served = record.state() == TorrentRecord.State.LIVE && record.tracked();
        registered.register(torrent, record.rev(), served ? keys(record) : List.of());
    }

    private static List<SwarmKey> keys(TorrentRecord record) {
        return record.infoHashes().stream()
                .map(hex -> SwarmKey.of(InfoHash.ofHex(hex)))
                .distinct()
                .toList();
    }
}
