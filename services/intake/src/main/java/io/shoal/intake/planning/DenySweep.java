package io.shoal.intake.planning;

import io.quarkus.narayana.jta.QuarkusTransaction;
import io.quarkus.scheduler.Scheduled;
import io.shoal.contracts.TorrentId;
import io.shoal.contracts.objects.ObjectKeys;
import io.shoal.intake.admission.DenyList;
import io.shoal.intake.duties.Duties;
import io.shoal.intake.duties.Duty;
import io.shoal.intake.infos.InfoStore;
import io.shoal.intake.quotas.Quotas;
import io.shoal.intake.torrents.Torrent;
import io.shoal.intake.torrents.TorrentLifecycle;
import io.shoal.intake.torrents.TorrentState;
import io.shoal.intake.torrents.Torrents;
import io.shoal.intake.transfers.Transfer;
import io.shoal.intake.transfers.Transfers;
import io.shoal.intake.wishes.Wishes;
import io.shoal.objectstore.StoreUnavailableException;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.jboss.logging.Logger;

/**
 * Ends existing torrents that were denied. Their transfers become BLOCKED(denied) and the fleet is asked to stop, in one transaction;
 * then the metadata is kept for the transfers, so that they can be started if the denial is withdrawn; then the generation ends without
 * a grace, and with it all links. Each step is repeated until it is done.
 *
 * <p>A denial counts as swept only when nothing is left to do for it after all plans that did not see it have ended.
 */
@ApplicationScoped
class DenySweep {
    private static final Logger LOG = Logger.getLogger(DenySweep.class);

    /** Denials that are handled together. */
    private static final int DENIALS = 1_000;

    /** Torrents and transfers that are handled before the list is read again. */
    private static final int BATCH = 200;

    /** A turn begins nothing after this time: the transaction that keeps the duty must not last. */
    private static final Duration TURN = Duration.ofSeconds(20);

    private final DenyList denied;
    private final Torrents torrents;
    private final Transfers transfers;
    private final TransferLocks locks;
    private final TorrentLifecycle lifecycle;
    private final Resolves resolves;
    private final Wishes wishes;
    private final Quotas quotas;
    private final InfoStore infos;
    private final Duties duties;

    DenySweep(
            DenyList denied,
            Torrents torrents,
            Transfers transfers,
            TransferLocks locks,
            TorrentLifecycle lifecycle,
            Resolves resolves,
            Wishes wishes,
            Quotas quotas,
            InfoStore infos,
            Duties duties) {
        this.denied = denied;
        this.torrents = torrents;
        this.transfers = transfers;
        this.locks = locks;
        this.lifecycle = lifecycle;
        this.resolves = resolves;
        this.wishes = wishes;
        this.quotas = quotas;
        this.infos = infos;
        this.duties = duties;
    }

    /** Goes through new denials, until all are swept or the turn is over. */
    @Scheduled(
            every = "1s",
            concurrentExecution = Scheduled.ConcurrentExecution.SKIP,
            skipExecutionIf = Scheduled.ApplicationNotRunning.class)
    void sweep() {
        duties.run(Duty.DENYING, () -> {
            Instant end = Instant.now().plus(TURN);
            boolean more = true;
            while (more && Instant.now().isBefore(end)) {
                List<DenyList.Unswept> batch = QuarkusTransaction.requiringNew().call(() -> denied.unswept(DENIALS));
                more = !batch.isEmpty() && sweep(batch, end);
            }
        });
    }

    /** Returns whether all went well, so that the next batch may follow at once. */
    private boolean sweep(List<DenyList.Unswept> batch, Instant end) {
        List<String> hashes = batch.stream().map(DenyList.Unswept::hash).toList();
        QuarkusTransaction.requiringNew().run(denied::awaitPlans);
        boolean well = true;
        for (UUID id : QuarkusTransaction.requiringNew().call(() -> transfers.unplannedNotDenied(hashes, BATCH))) {
            well &= isDone(id, end, () -> QuarkusTransaction.requiringNew().run(() -> blockUnplanned(id)));
        }
        for (TorrentId id : QuarkusTransaction.requiringNew().call(() -> torrents.notRemoved(hashes, BATCH))) {
            well &= isDone(id, end, () -> end(id));
        }
        QuarkusTransaction.requiringNew().run(() -> markSwept(batch, hashes));
        return well;
    }

    /** A step of the sweep. */
    @FunctionalInterface
    private interface Step {
        void run() throws StoreUnavailableException;
    }

    /** Runs a step; one that fails keeps its denial unswept, and holds up no other. */
    private static boolean isDone(Object what, Instant end, Step step) {
        if (Instant.now().isAfter(end)) {
            return false;
        }
        try {
            step.run();
            return true;
        } catch (StoreUnavailableException | RuntimeException e) { // most likely away: the next turn tries again
            LOG.warnf("the end of denied %s waits: %s", what, e);
            return false;
        }
    }

    private void markSwept(List<DenyList.Unswept> batch, List<String> hashes) {
        Set<String> left = new HashSet<>(transfers.hashesUnplannedNotDenied(hashes));
        left.addAll(torrents.hashesNotRemoved(hashes));
        denied.swept(
                batch.stream().filter(denial -> !left.contains(denial.hash())).toList());
    }

    private void blockUnplanned(UUID id) {
        locks.lock(id)
                .map(TransferLocks.Locked::transfer)
                .filter(transfer -> !transfer.isPlanned())
                .ifPresent(resolves::deny);
    }

    private void end(TorrentId id) throws StoreUnavailableException {
        Blocked blocked = QuarkusTransaction.requiringNew().call(() -> block(id));
        Set<UUID> kept = new HashSet<>();
        for (UUID transfer : blocked.transfers) {
            if (infos.keep(blocked.keys, transfer)) {
                kept.add(transfer);
            }
        }
        QuarkusTransaction.requiringNew().run(() -> endGeneration(blocked, kept));
    }

    /** A torrent whose transfers are blocked, in the generation that ends. */
    private record Blocked(ObjectKeys keys, List<UUID> transfers) {}

    private Blocked block(TorrentId id) {
        torrents.reserve(id);
        Torrent torrent = torrents.lock(id).orElseThrow();
        List<Transfer> all = transfers.lockAllOf(id);
        all.forEach(Transfer::deny);
        if (torrent.state() == TorrentState.LIVE) {
            wishes.merge(torrent);
        }
        return new Blocked(torrent.keys(), all.stream().map(Transfer::id).toList());
    }

    /** Ends the generation, if nothing was started or added since its transfers were blocked. */
    private void endGeneration(Blocked blocked, Set<UUID> kept) {
        TorrentId id = blocked.keys.torrent();
        torrents.reserve(id);
        Torrent torrent = torrents.lock(id).orElseThrow();
        List<Transfer> all = transfers.lockAllOf(id);
        boolean same = torrent.keys().equals(blocked.keys) && torrent.state() != TorrentState.REMOVED;
        if (!same || !all.stream().allMatch(Transfer::isDenied)) {
            return;
        }
        // In the order of tenants, like all transactions that lock the quotas of several.
        for (Transfer transfer :
                all.stream().sorted(Comparator.comparing(Transfer::tenant)).toList()) {
            long charged = transfer.charge().bytes();
            transfer.endGeneration();
            if (kept.contains(transfer.id())) {
                transfer.search().keepMetadata();
            }
            quotas.release(transfer.tenant(), 0, charged);
        }
        lifecycle.remove(torrent);
    }
}
