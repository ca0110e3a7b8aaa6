package io.shoal.swarm.ownership;

import io.shoal.contracts.records.Bits;
import io.shoal.contracts.records.SliceRecord;
import io.shoal.contracts.records.StatusRecord;
import io.shoal.contracts.topics.SliceKey;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One slice of a partition that is ours: what is wanted, the epoch of our ownership, and the work. */
final class OwnedSlice {
    private static final Logger LOG = LoggerFactory.getLogger(OwnedSlice.class);

    final SliceKey key;
    final String keyText;
    final int partition;
    final long epoch;
    final StatusSchedule schedule = new StatusSchedule();

    /** What is wanted and in force. */
    SliceRecord wanted;

    private final SliceFactory factory;
    private final @Nullable StatusRecord last;
    private @Nullable Slice running;

    /** Whether a status is on its way to Kafka: the next one waits for it, and is then the newest. */
    boolean sending;

    OwnedSlice(SliceKey key, int partition, SliceRecord wanted, @Nullable StatusRecord last, SliceFactory factory) {
        this.key = key;
        this.keyText = key.toString();
        this.partition = partition;
        this.wanted = wanted;
        this.factory = factory;
        this.epoch = last == null ? 1 : last.epoch() + 1;
        // What was said of another generation is about objects that are dead.
        this.last = last != null && last.gen().equals(wanted.gen()) ? last : null;
    }

    /** What the owner says before it has begun: its first act, which tells a predecessor that it has lost the slice. */
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
                    StatusRecord.Rates.ZERO,
                    StatusRecord.Peers.NONE,
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
                StatusRecord.Rates.ZERO,
                StatusRecord.Peers.NONE,
                before.trackers(),
                before.infoKey());
    }

    /** Whether somebody waits for its bytes or its metadata: not if it had all that is wanted when it was last heard of. */
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

    /** It is lost: nothing more is written for it. */
    void drop() {
        if (running != null) {
            running.drop();
        }
    }

    /** It is wanted no more. */
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

    /** Makes safe what it has; completes at once if it has not begun. */
    CompletableFuture<Void> handOver() {
        return running == null ? CompletableFuture.completedFuture(null) : running.handOver();
    }

    SliceStatus status() {
        return running == null ? claim() : running.status();
    }
}
