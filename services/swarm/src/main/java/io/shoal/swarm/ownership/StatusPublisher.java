package io.shoal.swarm.ownership;

import io.shoal.contracts.records.Json;
import io.shoal.contracts.topics.Topic;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

/**
 * Publishes the status of slices. At most one status of each slice is in flight, so while Kafka is unavailable the
 * newest is kept in the slice itself and nothing queues up; a status that is not delivered is followed by the newest.
 * Used by the ownership thread only.
 */
final class StatusPublisher {
    private final String worker;
    private final WorkerProducer producer;
    private final Queue<Delivery> deliveries = new ConcurrentLinkedQueue<>();

    /** The result of sending a status. */
    private record Delivery(OwnedSlice slice, boolean succeeded) {}

    StatusPublisher(String worker, WorkerProducer producer) {
        this.worker = worker;
        this.producer = producer;
    }

    /**
     * Publishes the status of every slice that is due. A slice with nothing to report is observed every few seconds
     * only: a worker has thousands of them.
     *
     * @return false if Kafka is unavailable
     */
    boolean publishDue(Iterable<OwnedSlice> slices, long nanos) {
        for (Delivery delivery = deliveries.poll(); delivery != null; delivery = deliveries.poll()) {
            delivery.slice.sending = false;
            if (!delivery.succeeded) {
                delivery.slice.schedule.deliveryFailed();
            }
        }
        for (OwnedSlice slice : slices) {
            long changes = slice.changes();
            if (slice.sending || !slice.schedule.mustObserve(changes, nanos)) {
                continue;
            }
            SliceStatus now = slice.status();
            slice.schedule.observed(changes, nanos);
            if (slice.schedule.isDue(now, nanos)) {
                if (!send(slice, now)) {
                    return false; // each of the others would only wait as long
                }
                slice.schedule.published(now, nanos);
            }
        }
        return true;
    }

    /** Publishes the status of {@code slice}, whether it is due or not. @return false if Kafka is unavailable */
    boolean send(OwnedSlice slice, SliceStatus now) {
        slice.sending = true;
        byte[] record = Json.write(now.toRecord(worker, slice.epoch));
        boolean accepted = producer.send(
                Topic.STATUS,
                slice.partition,
                slice.keyText,
                record,
                succeeded -> deliveries.add(new Delivery(slice, succeeded)));
        if (!accepted) {
            slice.sending = false;
        }
        return accepted;
    }

    /** Removes a key from {@code status}; until that is read {@link UnwantedStatuses} has it. @return false if Kafka is unavailable */
    boolean sendTombstone(int partition, String key) {
        return producer.send(Topic.STATUS, partition, key, null, succeeded -> {});
    }
}
