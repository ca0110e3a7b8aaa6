package io.shoal.intake.progress;

import io.quarkus.narayana.jta.QuarkusTransaction;
import io.quarkus.runtime.ShutdownEvent;
import io.shoal.contracts.TorrentId;
import io.shoal.contracts.records.StatusRecord;
import io.shoal.contracts.topics.SliceKey;
import io.shoal.intake.planning.Resolution;
import io.shoal.intake.torrents.Torrent;
import io.shoal.intake.torrents.TorrentState;
import io.shoal.intake.torrents.Torrents;
import io.shoal.intake.transfers.Transfer;
import io.shoal.intake.transfers.Transfers;
import io.shoal.intake.wishes.WishChanged;
import io.shoal.intake.wishes.Wishes;
import io.shoal.objectstore.StoreUnavailableException;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.event.TransactionPhase;
import java.time.Duration;
import java.time.Instant;
import java.util.BitSet;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.jboss.logging.Logger;

/**
 * Moves transfers to the state that follows from the newest status, at once. Every replica does it for everything that it
 * reads: the same status moves the same transfer only once, and one replica at a time plans a resolved magnet.
 *
 * <p>Keys wait in a set; each is handled with the newest status when its turn comes. While the database or the store is away, keys
 * wait; none is dropped.
 */
@ApplicationScoped
public class Transitions {
    private static final Logger LOG = Logger.getLogger(Transitions.class);
    private static final Duration PAUSE = Duration.ofSeconds(1);

    /** How soon to check whether another replica has finished the work that it has begun. */
    private static final Duration BUSY_PAUSE = Duration.ofSeconds(5);

    /** Connections to the database that this may take at once. */
    private static final int AT_ONCE = 4;

    private final StatusBoard board;
    private final Torrents torrents;
    private final Transfers transfers;
    private final Wishes wishes;
    private final Resolution resolution;
    private final Set<SliceKey> waiting = ConcurrentHashMap.newKeySet();

    /** Torrents of pools: each segment that is stored of them may be the last that one of their transfers waits for. */
    private final Set<TorrentId> shared = ConcurrentHashMap.newKeySet();

    private final Semaphore turns = new Semaphore(AT_ONCE);
    private final CountDownLatch ending = new CountDownLatch(1);
    private final ExecutorService threads = Executors.newThreadPerTaskExecutor(
            Thread.ofVirtual().name("transitions-", 0).factory());

    Transitions(StatusBoard board, Torrents torrents, Transfers transfers, Wishes wishes, Resolution resolution) {
        this.board = board;
        this.torrents = torrents;
        this.transfers = transfers;
        this.wishes = wishes;
        this.resolution = resolution;
    }

    void wishChanged(@Observes(during = TransactionPhase.AFTER_SUCCESS) WishChanged change) {
        consider(new SliceKey.OfTorrent(change.torrent(), 0));
    }

    void end(@Observes ShutdownEvent event) {
        ending.countDown(); // never interrupted: that would cut connections to the database
        threads.shutdown();
    }

    /** The status of {@code key}, or a wish about it, is new. */
    public void consider(SliceKey key) {
        if (waiting.add(key) && !threads.isShutdown()) {
            threads.execute(() -> take(key));
        }
    }

    /** The slice is over. */
    void ended(SliceKey key) {
        if (key instanceof SliceKey.OfTorrent(TorrentId torrent, int slice)) {
            shared.remove(torrent);
        }
    }

    private void take(SliceKey key) {
        try {
            boolean moved;
            turns.acquire();
            try {
                waiting.remove(key);
                // At the end, statuses that wait are left to the next process.
                moved = ending.getCount() == 0 || move(key);
            } finally {
                turns.release();
            }
            if (!moved) {
                later(key, BUSY_PAUSE);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // the service stops: the next process reads the status again
        } catch (StoreUnavailableException
                | RuntimeException e) { // away, or a fault of the service: try again, and let other keys continue
            if (!threads.isShutdown()) {
                LOG.warnf("the status of %s waits to be acted upon: %s", key, e);
                later(key, PAUSE);
            }
        }
    }

    private void later(SliceKey key, Duration pause) {
        try {
            if (!ending.await(pause.toMillis(), TimeUnit.MILLISECONDS)) {
                consider(key);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Returns whether it is done; if not, another replica is at it. */
    private boolean move(SliceKey key) throws StoreUnavailableException {
        Optional<StatusRecord> status = board.of(key);
        if (status.isEmpty()) {
            return true;
        }
        return switch (key) {
            case SliceKey.OfResolve(UUID transfer) -> moveResolve(transfer, status.get());
            case SliceKey.OfTorrent(TorrentId torrent, int slice) -> {
                QuarkusTransaction.requiringNew().run(() -> moveAll(torrent, status.get()));
                yield true;
            }
        };
    }

    private boolean moveResolve(UUID transfer, StatusRecord status) throws StoreUnavailableException {
        if (status.state() == StatusRecord.State.RESOLVED) {
            return resolution.resolved(transfer, status.rev());
        }
        QuarkusTransaction.requiringNew()
                .run(() -> transfers
                        .lock(transfer)
                        .filter(waits -> waits.awaitsMetadata() && status.rev() >= waits.rev())
                        .ifPresent(waits -> waits.observe(status.state(), status.reason(), Instant.now())));
        return true;
    }

    private void moveAll(TorrentId id, StatusRecord status) {
        Optional<Torrent> found = torrents.lock(id)
                .filter(torrent -> torrent.state() == TorrentState.LIVE)
                .filter(torrent -> torrent.generation().equals(status.gen()));
        noteShared(id, found.filter(torrent -> torrent.owner().isShared()).isPresent());
        found.ifPresent(torrent -> moveAll(torrent, status));
    }

    private void moveAll(Torrent torrent, StatusRecord status) {
        boolean isCurrent = status.rev() >= torrent.rev();
        if (!isCurrent && !torrent.owner().isShared()) {
            return;
        }
        boolean wishMoved = false;
        for (Transfer transfer : transfers.lockAllOf(torrent.id())) {
            boolean wasActive = transfer.isActive();
            boolean heldSlot = transfer.holdsSlot();
            if (torrent.owner().isShared() && hasAllOf(transfer, torrent, status)) {
                transfer.foundStored();
                transfer.gave(status.totals().up());
            } else if (isCurrent) {
                transfer.observe(status.state(), status.reason(), Instant.now());
                transfer.gave(status.totals().up());
            }
            wishMoved |= wasActive != transfer.isActive() || heldSlot != transfer.holdsSlot();
        }
        if (wishMoved) {
            wishes.merge(torrent);
        }
    }

    /**
     * Whether the files of {@code transfer} are stored, whatever its torrent's other transfers want. What is stored only grows within
     * a generation and a check, so a status that is older than the newest wish says it too.
     */
    private static boolean hasAllOf(Transfer transfer, Torrent torrent, StatusRecord status) {
        if (status.check() != torrent.check()) {
            return false;
        }
        BitSet missing = transfer.share().segments();
        if (missing == null) {
            missing = new BitSet();
            missing.set(0, torrent.segments());
        }
        missing.andNot(status.stored().toBitSet());
        return missing.isEmpty();
    }

    private void noteShared(TorrentId id, boolean isShared) {
        if (isShared) {
            shared.add(id);
        } else {
            shared.remove(id);
        }
    }

    /** Whether transfers of several tenants may belong to the torrent of {@code key}, as far as this replica has seen. */
    boolean isShared(SliceKey key) {
        return key instanceof SliceKey.OfTorrent(TorrentId torrent, int slice) && shared.contains(torrent);
    }
}
