package io.shoal.swarm.ownership;

import io.shoal.contracts.records.Json;
import io.shoal.contracts.records.ProgressRecord;
import io.shoal.contracts.topics.Topic;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

/**
 * Publishes the figures of the slices that move: one record a second for each partition, which names those with news.
 * At most one record of a partition is in flight, so while Kafka is unavailable nothing queues up, and the figures that
 * follow are the newest. Used by the ownership thread only.
 */
final class ProgressPublisher {
    private static final Duration EVERY = Duration.ofSeconds(1);

    private final String worker;
    private final WorkerProducer producer;
    private final Queue<Delivery> deliveries = new ConcurrentLinkedQueue<>();

    /** The result of sending a record, which named these slices. */
    private record Delivery(Cadence cadence, List<OwnedSlice> named, boolean succeeded) {}

    /** When the next record of a partition is due. */
    static final class Cadence {
        private boolean sending;
        private boolean begun;
        private long lastAt;

        /** Whether slices wait for which the last record had no room. */
        private boolean hasMore;

        private boolean isDue(long nanos) {
            return !sending && (!begun || hasMore || nanos - lastAt >= EVERY.toNanos());
        }

        private void published(int named, long nanos) {
            begun = true;
            if (!hasMore) {
                lastAt = nanos;
            }
            hasMore = named == ProgressRecord.SLICES_MAX;
        }
    }

    ProgressPublisher(String worker, WorkerProducer producer) {
        this.worker = worker;
        this.producer = producer;
    }

    /** Publishes what is due. A slice with nothing to report is not observed: a worker has thousands of them. */
    void publishDue(Iterable<OwnedPartition> partitions, long nanos) {
        for (Delivery delivery = deliveries.poll(); delivery != null; delivery = deliveries.poll()) {
            delivery.cadence.sending = false;
            if (!delivery.succeeded) {
                delivery.named.forEach(slice -> slice.progress.deliveryFailed());
            }
        }
        for (OwnedPartition partition : partitions) {
            if (partition.progressCadence.isDue(nanos) && !publish(partition, nanos)) {
                return; // Kafka is unavailable: the other partitions would only wait as long
            }
        }
    }

    private boolean publish(OwnedPartition partition, long nanos) {
        List<OwnedSlice> named = new ArrayList<>();
        List<SliceFigures> figures = new ArrayList<>();
        for (OwnedSlice slice : partition.owned().values()) {
            if (named.size() == ProgressRecord.SLICES_MAX) {
                break;
            }
            if (!slice.isStarted()) {
                continue;
            }
            long payload = slice.payload();
            if (slice.progress.mustObserve(payload, nanos)) {
                SliceFigures now = slice.figures();
                if (slice.progress.observed(payload, now, nanos)) {
                    named.add(slice);
                    figures.add(now);
                }
            }
        }
        Cadence cadence = partition.progressCadence;
        cadence.published(named.size(), nanos);
        return named.isEmpty() || send(partition.number(), cadence, named, figures, nanos);
    }

    /**
     * The slices of a partition have left this worker: those that the last records show moving are named once more, at
     * rest.
     */
    void publishAtRest(int partition, Collection<OwnedSlice> slices, long nanos) {
        List<OwnedSlice> moving = slices.stream()
                .filter(slice -> slice.partition == partition && slice.progress.saysItMoves())
                .toList();
        for (int from = 0; from < moving.size(); from += ProgressRecord.SLICES_MAX) {
            List<OwnedSlice> named = moving.subList(from, Math.min(moving.size(), from + ProgressRecord.SLICES_MAX));
            List<SliceFigures> figures =
                    named.stream().map(slice -> slice.figures().atRest()).toList();
            if (!send(partition, new Cadence(), named, figures, nanos)) {
                return; // Kafka is unavailable: each further attempt would take as long
            }
        }
    }

    private boolean send(
            int partition, Cadence cadence, List<OwnedSlice> named, List<SliceFigures> figures, long nanos) {
        List<ProgressRecord.Slice> entries = new ArrayList<>(named.size());
        for (int i = 0; i < named.size(); i++) {
            OwnedSlice slice = named.get(i);
            entries.add(figures.get(i).toEntry(slice.keyText, slice.wanted.gen(), slice.epoch));
        }
        boolean accepted = producer.send(
                Topic.PROGRESS,
                partition,
                Integer.toString(partition),
                Json.write(new ProgressRecord(1, worker, entries)),
                succeeded -> deliveries.add(new Delivery(cadence, named, succeeded)));
        for (int i = 0; i < named.size(); i++) {
            if (accepted) {
                named.get(i).progress.published(figures.get(i), nanos);
            } else {
                named.get(i).progress.deliveryFailed();
            }
        }
        cadence.sending = accepted;
        return accepted;
    }
}
