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
import io.shoal.intake.transactions.Conflicts;
import io.shoal.intake.wishes.WishChanged;
import io.shoal.objectstore.StoreUnavailableException;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.event.TransactionPhase;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jboss.logging.Logger;

/**
 * Moves transfers to the state that follows from the newest status, at once. A status is acted upon by the replica that owns its
 * partition; one in which nothing has changed touches no database. A changed wish is looked at by the replica that took it.
 *
 * <p>A few loops take slices from a bounded queue. While the database or the store is away, slices wait, which is logged once; none is
 * dropped, and the offset of a status is committed only when it was acted upon.
 */
@ApplicationScoped
public class Transitions implements OwnedStatuses {
    private static final Logger LOG = Logger.getLogger(Transitions.class);
    private static final Duration PAUSE = Duration.ofSeconds(1);

    /** How soon to check whether another replica has finished the work that it has begun. */
    private static final Duration BUSY_PAUSE = Duration.ofSeconds(5);

    /** How long what is only stored waits for that of other slices. */
    private static final Duration GATHER = Duration.ofSeconds(1);

    /** A replica that gives up a partition ends what it has begun; a transaction takes milliseconds. */
    private static final Duration HANDOVER = Duration.ofSeconds(5);

    /** Connections to the database that this may take at once. */
    private static final int AT_ONCE = 4;

    private final TransitionQueue queue = new TransitionQueue(AT_ONCE);
    private final HandledStatuses handled = new HandledStatuses();
    private final OwnedPartitions owned;
    private final ChangedTotals totals;
    private final TransferMoves moves;
    private final StoredSegments storedSegments;
    private final TrackerStates trackerStates;
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
            TrackerStates trackerStates,
            Resolution resolution,
            SortFigures figures,
            Loops loops) {
        this.owned = owned;
        this.totals = totals;
        this.moves = moves;
        this.storedSegments = storedSegments;
        this.trackerStates = trackerStates;
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
            for (List<TransitionQueue.Entry> some = queue.take(TransferMoves.LOOKED_AT, watch::turned);
                    !some.isEmpty();
                    some = queue.take(TransferMoves.LOOKED_AT, watch::turned)) {
                act(some.stream().filter(Transitions::isLookedAt).toList());
                some.stream().filter(entry -> !isLookedAt(entry)).forEach(this::act); // some read the store
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // this class never interrupts it; the thread ends
        }
    }

    /** Whether the status may say what is known already, as most do after a restart. */
    private static boolean isLookedAt(TransitionQueue.Entry entry) {
        return entry.status() != null && entry.key() instanceof SliceKey.OfTorrent;
    }

    /**
     * Acts upon those that move anything. They are found by halves, so that the others cost neither locks nor writes; and so is one that
     * cannot be read, unless that will pass: then all wait, because each attempt may take as long as a timeout.
     */
    private void act(List<TransitionQueue.Entry> some) {
        if (some.size() <= 1) {
            some.forEach(this::act);
            return;
        }
        loops.transitions().turned();
        boolean moveNothing = false;
        try {
            moveNothing = moveNothing(some);
        } catch (RuntimeException e) {
            if (Conflicts.isPassing(e)) {
                some.forEach(entry -> await(entry, e));
                return;
            }
        }
        if (moveNothing) {
            some.forEach(this::actedUpon);
        } else {
            act(some.subList(0, some.size() / 2));
            act(some.subList(some.size() / 2, some.size()));
        }
    }

    private boolean moveNothing(List<TransitionQueue.Entry> some) {
        Map<TorrentId, StatusRecord> statuses = new HashMap<>();
        for (TransitionQueue.Entry entry : some) {
            if (entry.key() instanceof SliceKey.OfTorrent(TorrentId torrent, int slice)) {
                statuses.put(torrent, Objects.requireNonNull(entry.status()));
            }
        }
        Optional<Map<TorrentId, TransferMoves.Found>> unmoved = moves.unmoved(statuses);
        unmoved.orElse(Map.of())
                .forEach((torrent, found) ->
                        handled.acted(new SliceKey.OfTorrent(torrent, 0), found.isShared(), found.goal()));
        return unmoved.isPresent();
    }

    private void act(TransitionQueue.Entry entry) {
        loops.transitions().turned();
        try {
            if (move(entry)) {
                actedUpon(entry);
            } else {
                queue.again(entry, BUSY_PAUSE);
            }
        } catch (StoreUnavailableException
                | RuntimeException e) { // away, or a fault of the service: try again, and let other slices continue
            await(entry, e);
        }
    }

    private void await(TransitionQueue.Entry entry, Exception failure) {
        if (queue.failed(entry, PAUSE, failure)) {
            LOG.warnf(failure, "the status of %s waits to be acted upon, and others that fail like it", entry.key());
        }
    }

    /** No transfer moves any more because of the status. Its trackers are written with those of others. */
    private void actedUpon(TransitionQueue.Entry entry) {
        if (entry.status() != null && !entry.status().trackers().isEmpty()) {
            queue.store(entry);
        } else {
            done(entry);
        }
    }

    private void done(TransitionQueue.Entry entry) {
        queue.done(entry).ifPresent(outage -> LOG.infof("no status waits any more because of: %s", outage));
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
        List<StoredSegments.Row> segments = new ArrayList<>();
        Map<SliceKey, StatusRecord> statuses = new HashMap<>();
        for (TransitionQueue.Entry entry : batch) {
            StatusRecord status = Objects.requireNonNull(entry.status());
            statuses.put(entry.key(), status);
            if (entry.key() instanceof SliceKey.OfTorrent(TorrentId torrent, int slice)) {
                segments.add(new StoredSegments.Row(torrent, status));
            }
        }
        try {
            QuarkusTransaction.requiringNew().call(() -> {
                storedSegments.write(segments);
                trackerStates.write(statuses);
                return true;
            });
            batch.forEach(this::done);
            return true;
        } catch (RuntimeException e) { // most likely the database is away
            boolean isFirst = false;
            for (TransitionQueue.Entry entry : batch) {
                isFirst |= queue.failed(entry, PAUSE, e);
            }
            if (isFirst) {
                LOG.warnf(e, "stored segments and trackers of %d slices wait to be written", batch.size());
            }
            return false;
        }
    }
}
