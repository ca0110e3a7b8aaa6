package io.shoal.intake.progress;

import io.quarkus.narayana.jta.QuarkusTransaction;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import io.shoal.contracts.TorrentId;
import io.shoal.contracts.loops.LoopWatch;
import io.shoal.contracts.records.StatusRecord;
import io.shoal.contracts.topics.SliceKey;
import io.shoal.intake.loops.Loops;
import io.shoal.intake.planning.Resolution;
import io.shoal.intake.wishes.WishChanged;
import io.shoal.objectstore.StoreUnavailableException;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.event.TransactionPhase;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jboss.logging.Logger;

/**
 * Moves transfers to the state that follows from the newest status, at once. A status is acted upon by the replica that owns its
 * partition; one in which nothing has changed touches no database. A changed wish is looked at by the replica that took it.
 *
 * <p>A few loops take slices from a bounded queue. While the database or the store is away, slices wait; none is dropped, and the
 * offset of a status is committed only when it was acted upon.
 */
@ApplicationScoped
public class Transitions implements OwnedStatuses {
    private static final Logger LOG = Logger.getLogger(Transitions.class);
    private static final Duration PAUSE = Duration.ofSeconds(1);

    /** How soon to check whether another replica has finished the work that it has begun. */
    private static final Duration BUSY_PAUSE = Duration.ofSeconds(5);

    /** How long stored segments wait for those of other torrents. */
    private static final Duration GATHER = Duration.ofSeconds(1);

    /** A replica that gives up a partition ends what it has begun; a transaction takes milliseconds. */
    private static final Duration HANDOVER = Duration.ofSeconds(5);

    /** Connections to the database that this may take at once. */
    private static final int AT_ONCE = 4;

    private final TransitionQueue queue = new TransitionQueue();
    private final HandledStatuses handled = new HandledStatuses();
    private final OwnedPartitions owned;
    private final ChangedTotals totals;
    private final TransferMoves moves;
    private final StoredSegments storedSegments;
    private final Resolution resolution;
    private final SortFigures figures;
    private final Loops loops;
    private final CountDownLatch ending = new CountDownLatch(1);
    private final List<Thread> acting = new ArrayList<>();

    Transitions(
            OwnedPartitions owned,
            ChangedTotals totals,
            TransferMoves moves,
            StoredSegments storedSegments,
            Resolution resolution,
            SortFigures figures,
            Loops loops) {
        this.owned = owned;
        this.totals = totals;
        this.moves = moves;
        this.storedSegments = storedSegments;
        this.resolution = resolution;
        this.figures = figures;
        this.loops = loops;
    }

    void begin(@Observes StartupEvent event) {
        for (int i = 0; i < AT_ONCE; i++) {
            acting.add(Thread.ofVirtual()
                    .name("transitions-" + i)
                    .start(loops.transitions().watched(this::act, Loops::died)));
        }
        Thread.ofVirtual()
                .name("stored-segments")
                .start(loops.storedSegments().watched(this::writeStored, Loops::died));
    }

    void end(@Observes ShutdownEvent event) throws InterruptedException {
        ending.countDown(); // never interrupted: that would cut connections to the database
        queue.close();
        long end = System.nanoTime() + HANDOVER.toNanos();
        for (Thread thread : acting) {
            thread.join(Duration.ofNanos(end - System.nanoTime()));
        }
    }

    void wishChanged(@Observes(during = TransactionPhase.AFTER_SUCCESS) WishChanged change) {
        reconsider(new SliceKey.OfTorrent(change.torrent(), 0));
    }

    /** Looks at the transfers of a slice again, because something other than its status has changed. */
    void reconsider(SliceKey key) {
        if (!queue.reconsider(key)) {
            LOG.debugf("%s is looked at when its next status comes: too many wait", key);
        }
    }

    /** More was sent of a slice: a seeding goal may be met. */
    void sent(SliceKey key, long up) {
        if (handled.meetsGoal(key, up)) {
            reconsider(key);
        }
    }

    @Override
    public void assigned(Set<Integer> partitions) {
        queue.assigned(partitions);
        owned.add(partitions);
    }

    @Override
    public void revoked(Set<Integer> partitions) throws InterruptedException {
        owned.remove(partitions);
        queue.revoked(partitions, HANDOVER);
        handled.removeAll(partitions);
    }

    @Override
    public void offer(int partition, long offset, SliceKey key, StatusRecord status, int bytes) {
        HandledStatuses.Action action = handled.accept(key, partition, status);
        if (action != HandledStatuses.Action.IGNORE) {
            totals.add(key, partition, status.gen(), status.epoch(), status.totals());
        }
        switch (action) {
            case IGNORE, NOTHING -> {}
            case STORE, ACT ->
                queue.add(new TransitionQueue.Entry(
                        key, status, partition, offset, bytes, action == HandledStatuses.Action.STORE));
        }
    }

    @Override
    public void ended(SliceKey key) {
        handled.remove(key);
        totals.remove(key); // whichever reader sees the end later: none of what was read before stays
    }

    @Override
    public boolean isFull() {
        return queue.isFull();
    }

    @Override
    public Map<Integer, Long> pending() {
        return queue.pending();
    }

    private void act() {
        try {
            LoopWatch watch = loops.transitions();
            for (TransitionQueue.Entry entry = queue.take(watch::turned);
                    entry != null;
                    entry = queue.take(watch::turned)) {
                act(entry);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // this class never interrupts it; the thread ends
        }
    }

    private void act(TransitionQueue.Entry entry) {
        try {
            if (move(entry)) {
                queue.done(entry);
            } else {
                queue.again(entry, BUSY_PAUSE);
            }
        } catch (StoreUnavailableException
                | RuntimeException e) { // away, or a fault of the service: try again, and let other slices continue
            LOG.warnf("the status of %s waits to be acted upon: %s", entry.key(), e);
            queue.again(entry, PAUSE);
        }
    }

    /** Returns whether it is done; if not, another replica is at it. */
    private boolean move(TransitionQueue.Entry entry) throws StoreUnavailableException {
        StatusRecord status = entry.status();
        switch (entry.key()) {
            case SliceKey.OfResolve(UUID transfer) -> {
                if (status != null && status.state() == StatusRecord.State.RESOLVED) {
                    return resolution.resolved(transfer, status.rev());
                }
                if (status != null) {
                    moves.move(transfer, status);
                }
            }
            case SliceKey.OfTorrent(TorrentId torrent, int slice) -> {
                TransferMoves.Found found = moves.move(torrent, status);
                handled.acted(entry.key(), found.isShared(), found.goal());
                if (status == null && found.hasStored()) {
                    // Otherwise they are written with its totals, which may not change again.
                    figures.write(List.of(torrent));
                }
            }
        }
        return true;
    }

    private void writeStored() {
        try {
            while (!ending.await(GATHER.toMillis(), TimeUnit.MILLISECONDS)) {
                loops.storedSegments().turned();
                queue.wake();
                for (List<TransitionQueue.Entry> batch = queue.takeBatch(StoredSegments.BATCH);
                        !batch.isEmpty() && writeStored(batch);
                        batch = queue.takeBatch(StoredSegments.BATCH)) {}
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // this class never interrupts it; the thread ends
        }
    }

    private boolean writeStored(List<TransitionQueue.Entry> batch) {
        loops.storedSegments().turned();
        List<StoredSegments.Row> rows = batch.stream()
                .map(entry -> StoredSegments.Row.of(entry.key(), Objects.requireNonNull(entry.status())))
                .toList();
        try {
            QuarkusTransaction.requiringNew().call(() -> {
                storedSegments.write(rows);
                return true;
            });
            batch.forEach(queue::done);
            return true;
        } catch (RuntimeException e) { // most likely the database is away
            LOG.warnf("stored segments of %d torrents wait to be written: %s", batch.size(), e);
            batch.forEach(entry -> queue.again(entry, PAUSE));
            return false;
        }
    }
}
