package io.shoal.swarm.ownership;

import io.shoal.contracts.records.Json;
import io.shoal.contracts.records.ProgressRecord;
import io.shoal.contracts.topics.SliceKey;
import io.shoal.contracts.topics.Topic;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Publishes the swarms that are looked at: one record a second for each, of its own, because it may be large. Without an
 * inspection in force no slice is asked for its peers and none leave the worker. A view is taken on the torrent's loop and published
 * in a later cycle. At most one record of a slice is in flight, so nothing queues up. Used by the ownership thread only.
 */
final class SwarmPublisher {
    private static final Logger LOG = LoggerFactory.getLogger(SwarmPublisher.class);
    private static final Duration EVERY = Duration.ofSeconds(1);

    /** A view that does not come within this time is asked for again. */
    private static final Duration PATIENCE = Duration.ofSeconds(5);

    private final String worker;
    private final WorkerProducer producer;
    private final Inspections inspections;
    private final Map<SliceKey, Look> looks = new HashMap<>();

    /** The looks at one slice of this owner. */
    private static final class Look {
        final OwnedSlice slice;
        private @Nullable CompletableFuture<SwarmView> pending;
        private long askedAt;
        private boolean begun;
        private boolean failureLogged;

        /** Whether a record is in flight; ended by the producer's thread. */
        private volatile boolean sending;

        Look(OwnedSlice slice) {
            this.slice = slice;
        }

        private boolean mustAsk(long nanos) {
            Duration since = pending == null ? EVERY : PATIENCE;
            return !begun || nanos - askedAt >= since.toNanos();
        }
    }

    SwarmPublisher(String worker, WorkerProducer producer, Inspections inspections) {
        this.worker = worker;
        this.producer = producer;
        this.inspections = inspections;
    }

    /** Publishes the views that have been taken, and asks for those that are due. */
    void publishDue(Map<Integer, OwnedPartition> partitions, long nanos) {
        List<Inspections.Inspection> inForce = inspections.inForce();
        if (inForce.isEmpty() && looks.isEmpty()) {
            return;
        }
        looks.keySet()
                .retainAll(inForce.stream().map(Inspections.Inspection::key).collect(Collectors.toSet()));
        for (Inspections.Inspection inspection : inForce) {
            OwnedSlice slice = slice(partitions, inspection);
            if (slice == null) {
                looks.remove(inspection.key());
            } else if (!turn(look(slice), nanos)) {
                return; // Kafka is unavailable: the other slices would only wait as long
            }
        }
    }

    /** Returns the slice if it runs here in the generation that is looked at. */
    private static @Nullable OwnedSlice slice(
            Map<Integer, OwnedPartition> partitions, Inspections.Inspection inspection) {
        OwnedPartition partition = partitions.get(inspection.partition());
        OwnedSlice slice = partition == null ? null : partition.owned().get(inspection.key());
        boolean isLookedAt =
                slice != null && slice.isStarted() && slice.wanted.gen().equals(inspection.gen());
        return isLookedAt ? slice : null;
    }

    private Look look(OwnedSlice slice) {
        Look known = looks.get(slice.key);
        if (known == null || known.slice != slice) {
            known = new Look(slice);
            looks.put(slice.key, known);
        }
        return known;
    }

    /** @return false if Kafka is unavailable */
    private boolean turn(Look look, long nanos) {
        CompletableFuture<SwarmView> pending = look.pending;
        if (pending != null && pending.isDone() && !look.sending) {
            look.pending = null;
            if (pending.isCompletedExceptionally()) {
                failed(look, pending.exceptionNow());
            } else if (!send(look, pending.join())) {
                return false;
            }
        }
        if (look.mustAsk(nanos)) {
            look.begun = true;
            look.askedAt = nanos;
            look.pending = look.slice.inspect();
        }
        return true;
    }

    /** Logs the first failure of each look: the next ones may come each second. */
    private static void failed(Look look, Throwable cause) {
        if (!look.failureLogged) {
            look.failureLogged = true;
            LOG.warn("The swarm of {} cannot be looked at", look.slice.keyText, cause);
        }
    }

    private boolean send(Look look, SwarmView view) {
        OwnedSlice slice = look.slice;
        ProgressRecord record =
                new ProgressRecord(1, worker, List.of(), view.toReport(slice.keyText, slice.wanted.gen(), slice.epoch));
        look.sending = true;
        boolean accepted = producer.send(
                Topic.PROGRESS,
                slice.partition,
                Integer.toString(slice.partition),
                Json.write(record),
                succeeded -> look.sending = false);
        if (!accepted) {
            look.sending = false;
        }
        return accepted;
    }
}
