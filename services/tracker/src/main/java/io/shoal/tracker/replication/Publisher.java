package io.shoal.tracker.replication;

import io.shoal.contracts.topics.Topic;
import io.shoal.tracker.members.Members;
import io.shoal.tracker.replication.ReplicationTraffic.Figure;
import io.shoal.tracker.swarms.Swarms;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.LongSupplier;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.errors.TimeoutException;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Sends what the swarms tell, as often as it is called. While Kafka is away frames wait, here and in the producer; those that
 * find no room or wait too long are lost until their peers' next announces. One thread.
 */
final class Publisher {
    private static final Logger LOG = Logger.getLogger(Publisher.class);

    private final Producer<byte[], byte[]> producer;
    private final int room;
    private final Swarms swarms;
    private final Members members;
    private final ReplicationTraffic traffic;
    private final Batches batches;
    private final Deque<Waiting> waiting = new ArrayDeque<>();
    private int waitingBytes;
    private boolean refused;
    private volatile boolean failing;

    private record Waiting(ProducerRecord<byte[], byte[]> frame, int changes) {
        int bytes() {
            return frame.value().length;
        }
    }

    /**
     * @param producer that does not block for long
     * @param room for frames that it does not take, bytes
     */
    Publisher(
            Producer<byte[], byte[]> producer,
            int room,
            Swarms swarms,
            Members members,
            int partitions,
            int replica,
            long sender,
            LongSupplier clock,
            ReplicationTraffic traffic) {
        this.producer = producer;
        this.room = room;
        this.swarms = swarms;
        this.members = members;
        this.traffic = traffic;
        this.batches = new Batches(partitions, replica, sender, clock, this::enqueue);
    }

    /** Sends what there is to tell now, as far as Kafka takes it. */
    void publish() {
        traffic.count(Figure.CHANGES_LOST, batches.send(swarms));
        batches.send(members);
        while (!waiting.isEmpty() && isTaken(waiting.getFirst())) {
            waitingBytes -= waiting.removeFirst().bytes();
        }
    }

    /** False if the producer has no room, or does not know at all where frames go. */
    private boolean isTaken(Waiting next) {
        Thread here = Thread.currentThread();
        refused = false;
        var _ = producer.send(next.frame, (metadata, failure) -> {
            // It says so at once and in this thread; what it has taken ends in its own.
            if (failure instanceof TimeoutException && Thread.currentThread() == here) {
                refused = true;
            } else {
                done(next.changes, failure);
            }
        });
        return !refused;
    }

    private void enqueue(int partition, byte[] frame, int changes) {
        waiting.addLast(new Waiting(new ProducerRecord<>(Topic.ANNOUNCES_NAME, partition, null, frame), changes));
        waitingBytes += frame.length;
        while (waitingBytes > room) {
            Waiting oldest = waiting.removeFirst();
            waitingBytes -= oldest.bytes();
            traffic.count(Figure.CHANGES_LOST, oldest.changes);
        }
    }

    /** Sends the last and waits for Kafka to have it, not longer than {@code patience}. */
    void close(Duration patience) {
        publish();
        producer.close(patience);
    }

    private void done(int changes, @Nullable Exception failure) {
        if (failure == null) {
            traffic.count(Figure.FRAMES_SENT, 1);
            traffic.count(Figure.CHANGES_SENT, changes);
        } else {
            traffic.count(Figure.CHANGES_LOST, changes);
        }
        if (failing != (failure != null)) {
            failing = failure != null;
            LOG.warnf("%s", failing ? "changes of peers do not reach Kafka: " + failure : "they do again");
        }
    }
}
