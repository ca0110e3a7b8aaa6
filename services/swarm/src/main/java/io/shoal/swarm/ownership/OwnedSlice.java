package io.shoal.swarm.ownership;

import io.shoal.contracts.records.Bits;
import io.shoal.contracts.records.SliceRecord;
import io.shoal.contracts.records.StatusRecord;
import io.shoal.contracts.topics.SliceKey;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One slice of an owned partition: what is wanted, the epoch of the ownership, and the running work. */
final class OwnedSlice {
    private static final Logger LOG = LoggerFactory.getLogger(OwnedSlice.class);

    final SliceKey key;
    final String keyText;
    final int partition;
    final long epoch;
    final StatusSchedule schedule = new StatusSchedule();
    final ProgressSchedule progress = new ProgressSchedule();

    /** The wanted record in force. */
    SliceRecord wanted;

    private final SliceFactory factory;
    private final @Nullable StatusRecord last;
    private @Nullable Slice running;

    /** Whether a status is being sent to Kafka: the next one waits for it, and is then the newest. */
    boolean sending;

    OwnedSlice(SliceKey key, int partition, SliceRecord wanted, @Nullable StatusRecord last, SliceFactory factory) {
        this.key = key;
        this.keyText = key.toString();
        this.partition = partition;
        this.wanted = wanted;
        this.factory = factory;
        this.epoch = last == null ? 1 : last.epoch() + 1;
        // A status of another generation is about objects that are obsolete.
        this.last = last != null && last.gen().equals(wanted.gen()) ? last : null;
    }

    /**
     * Returns the first status of the new owner, sent before the slice starts: it notifies a predecessor that it has
     * lost the slice.
     */
    SliceStatus claim() {
        StatusRecord before = last;
        if (before == null) {
            return new SliceStatus(
                    wanted.gen(),
                    wanted.rev(),
                    StatusRecord.State.STARTING,
                    null,
                    Bits.NONE,
                    wanted.check(),
                    StatusRecord.Totals.ZERO,
                    List.of(),
                    null);
        }
        return new SliceStatus(
                wanted.gen(),
                wanted.rev(),
                StatusRecord.State.STARTING,
                null,
                before.stored(),
                before.check(),
                before.totals(),
                before.trackers(),
                before.infoKey());
    }

    /** Whether a user waits for its bytes or its metadata: not if the last status had all that is wanted. */
    boolean isUrgent() {
        boolean done = last != null
                && (last.state() == StatusRecord.State.SEEDING || last.state() == StatusRecord.State.RESOLVED)
                && last.rev() == wanted.rev()
                && last.check() == wanted.check();
        return wanted.mode() == SliceRecord.Mode.RUN && !done;
    }

    void start() {
        running = factory.start(key, wanted, last, epoch);
    }

    void want(SliceRecord newer) {
        wanted = newer;
        if (running != null) {
            running.want(newer);
        }
    }

    /** The slice is lost to another owner: nothing more is written for it. */
    void drop() {
        if (running != null) {
            running.drop();
        }
    }

    /** The slice is not wanted any more. */
    void end() {
        if (running != null) {
            var _ = running.end().exceptionally(failure -> {
                LOG.warn("{} did not end well", key, failure);
                return null;
            });
        }
    }

    boolean isStarted() {
        return running != null;
    }

    /** Stores or spills what is open; completes at once if the slice has not started. */
    CompletableFuture<Void> handOver() {
        return running == null ? CompletableFuture.completedFuture(null) : running.handOver();
    }

    /** Returns a number that grows with each important change of its status; cheap. */
    long changes() {
        return running == null ? 0 : running.changes();
    }

    SliceStatus status() {
        return running == null ? claim() : running.status();
    }

    /** Returns a number that changes with each payload byte, once it is started; cheap. */
    long payload() {
        return Objects.requireNonNull(running).payload();
    }

    /** Returns its swarm, once it is started. */
    CompletableFuture<SwarmView> inspect() {
        return Objects.requireNonNull(running).inspect();
    }

    /** Returns its figures, once it is started. */
    SliceFigures figures() {
        return Objects.requireNonNull(running).figures();
    }
}
