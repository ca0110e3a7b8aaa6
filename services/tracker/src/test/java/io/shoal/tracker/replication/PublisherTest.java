package io.shoal.tracker.replication;

import static org.assertj.core.api.Assertions.assertThat;

import io.shoal.tracker.accounting.Ledger;
import io.shoal.tracker.members.Members;
import io.shoal.tracker.networks.Address;
import io.shoal.tracker.replication.ReplicationTraffic.Figure;
import io.shoal.tracker.swarms.Announce;
import io.shoal.tracker.swarms.Change;
import io.shoal.tracker.swarms.Event;
import io.shoal.tracker.swarms.Reply;
import io.shoal.tracker.swarms.SwarmKey;
import io.shoal.tracker.swarms.SwarmLimits;
import io.shoal.tracker.swarms.Swarms;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import org.apache.kafka.clients.producer.Callback;
import org.apache.kafka.clients.producer.MockProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What waits while Kafka takes nothing. */
class PublisherTest {
    private static final int ROOM = 10 * (Frame.HEAD_BYTES + Frame.V4_CHANGE_BYTES);

    /** Says at once that it has no room, as the real one does: through the callback. */
    private static final class Refusing extends MockProducer<byte[], byte[]> {
        private boolean refuses;

        Refusing() {
            super(true, null, new ByteArraySerializer(), new ByteArraySerializer());
        }

        @Override
        public synchronized Future<RecordMetadata> send(
                ProducerRecord<byte[], byte[]> record, @Nullable Callback callback) {
            if (!refuses) {
                return super.send(record, callback);
            }
            TimeoutException refusal = new TimeoutException("no room");
            if (callback != null) {
                callback.onCompletion(null, refusal);
            }
            return CompletableFuture.failedFuture(refusal);
        }
    }

    private final Refusing producer = new Refusing();
    private final Swarms swarms = new Swarms(new SwarmLimits(1_000, 1_000, 1_000), 1, 1);
    private final ReplicationTraffic traffic = new ReplicationTraffic();
    private final Members members = new Members(new SwarmLimits(1_000, 1_000, 1_000), new Ledger(1), Random::new, 1);
    private final Publisher publisher =
            new Publisher(producer, ROOM, swarms, members, 1, 1, 7, () -> 1_000_000, traffic);
    private final Reply reply = new Reply();

    @Test
    void row31WhileKafkaTakesNothingTheOldestGiveWayAndTheRestIsSentInOrder() throws Exception {
        producer.refuses = true;
        for (int port = 1; port <= 30; port++) {
            announce(port);
            publisher.publish();
        }
        assertThat(traffic.of(Figure.CHANGES_LOST)).isEqualTo(20);

        producer.refuses = false;
        announce(31);
        publisher.publish();
        assertThat(traffic.of(Figure.CHANGES_LOST)).isEqualTo(21);
        assertThat(traffic.of(Figure.CHANGES_SENT)).isEqualTo(10);
        List<Integer> ports = new ArrayList<>();
        for (ProducerRecord<byte[], byte[]> record : producer.history()) {
            Frame.read(record.value()).changes().stream().map(Change::port).forEach(ports::add);
        }
        assertThat(ports).containsExactly(22, 23, 24, 25, 26, 27, 28, 29, 30, 31);
    }

    private void announce(int port) {
        swarms.announce(
                new Announce(
                        new SwarmKey(1, 2, 3),
                        Address.ofV4(10 << 24 | 1),
                        port,
                        7,
                        0,
                        0,
                        5,
                        Event.STARTED,
                        0,
                        false,
                        1_000_000),
                reply);
    }
}
