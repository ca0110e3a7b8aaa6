package io.shoal.intake.progress;

import io.quarkus.narayana.jta.QuarkusTransaction;
import io.shoal.contracts.TorrentId;
import io.shoal.contracts.records.StatusRecord;
import io.shoal.intake.torrents.Torrent;
import io.shoal.intake.torrents.TorrentState;
import io.shoal.intake.torrents.Torrents;
import io.shoal.intake.transfers.Transfer;
import io.shoal.intake.transfers.TransferState;
import io.shoal.intake.transfers.Transfers;
import io.shoal.intake.wishes.WishKept;
import io.shoal.intake.wishes.Wishes;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.time.Instant;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Collectors;
import org.hibernate.FlushMode;
import org.hibernate.Session;
import org.jspecify.annotations.Nullable;

/** Moves transfers to the state that follows from a status, in one transaction with what it reports as stored. */
@ApplicationScoped
class TransferMoves {
    /**
     * What a move has found.
     *
     * @param isShared whether transfers of several tenants may belong to the torrent
     * @param goal the least number of bytes sent at which a seeding goal is met
     * @param hasStored whether anything of the torrent is stored
     */
    record Found(boolean isShared, long goal, boolean hasStored) {
        static final Found NOTHING = new Found(false, Long.MAX_VALUE, false);
    }

    /** The part of a status that moves transfers; {@code up} is newer if the board has a newer total. */
    private record Report(long rev, StatusRecord.State state, StatusRecord.@Nullable Reason reason, long up) {}

    /** Torrents that are looked at together. */
    static final int LOOKED_AT = 64;

    private final Session database;
    private final StatusBoard board;
    private final Torrents torrents;
    private final Transfers transfers;
    private final Wishes wishes;

    TransferMoves(Session database, StatusBoard board, Torrents torrents, Transfers transfers, Wishes wishes) {
        this.database = database;
        this.board = board;
        this.torrents = torrents;
        this.transfers = transfers;
        this.wishes = wishes;
    }

    /** Moves a transfer whose metadata is looked for. */
    void move(UUID search, StatusRecord status) {
        QuarkusTransaction.requiringNew()
                .run(() -> transfers
                        .lock(search)
                        .filter(waits -> waits.awaitsMetadata() && status.rev() >= waits.rev())
                        .ifPresent(waits -> waits.observe(status.state(), status.reason(), Instant.now())));
    }

    /**
     * Moves the transfers of a torrent. Without a status, by what is stored and, if that does not decide, by the board; since that may
     * lag behind a status that was acted upon, it moves only transfers that wait for their first one. A status may come late as well,
     * from a replica that has lost the partition meanwhile: no transfer is moved back to downloading of which all is stored.
     */
    Found move(TorrentId id, @Nullable StatusRecord status) {
        return QuarkusTransaction.requiringNew()
                .call(() -> torrents.lock(id)
                        .filter(torrent -> isAbout(torrent, status))
                        .map(torrent -> move(torrent, status))
                        .orElse(Found.NOTHING));
    }

    private static boolean isAbout(Torrent torrent, @Nullable StatusRecord status) {
        return torrent.state() == TorrentState.LIVE
                && (status == null || torrent.generation().equals(status.gen()));
    }

    /**
     * Looks at torrents together, without locks and without writing: returns what is found of each if no status moves a transfer or says
     * that more is stored; empty if one does. A change that is made meanwhile leads to a look of its own.
     */
    Optional<Map<TorrentId, Found>> unmoved(Map<TorrentId, StatusRecord> statuses) {
        return QuarkusTransaction.requiringNew().call(() -> {
            database.setHibernateFlushMode(FlushMode.MANUAL);
            Map<TorrentId, List<Transfer>> joined = transfers.allOf(statuses.keySet()).stream()
                    .collect(
                            Collectors.groupingBy(transfer -> transfer.torrent().orElseThrow()));
            Map<TorrentId, Torrent> known = torrents.allOf(statuses.keySet());
            Map<TorrentId, Found> found = new HashMap<>();
            statuses.forEach((id, status) -> {
                Torrent torrent = known.get(id);
                List<Transfer> all = joined.getOrDefault(id, List.of());
                if (torrent == null || !isAbout(torrent, status)) {
                    found.put(id, Found.NOTHING);
                } else {
                    apply(torrent, all, status);
                    found.put(id, found(torrent, all));
                }
            });
            boolean moved = database.isDirty();
            database.clear();
            return moved ? Optional.empty() : Optional.of(found);
        });
    }

    /**
     * Moves the transfers of a torrent of which a wish has changed that means nothing else to its worker. If nothing is known that
     * moves one, as while the board still loads, the worker is asked by a new revision: it repeats no report about the one that it has.
     */
    void wishKept(@Observes WishKept wish) {
        Torrent torrent = wish.torrent();
        if (torrent.state() != TorrentState.LIVE) {
            return;
        }
        long rev = torrent.rev();
        move(torrent, null);
        if (torrent.rev() == rev && transfers.lockAllOf(torrent.id()).stream().anyMatch(Transfer::needsReport)) {
            wishes.announce(torrent);
        }
    }

    private Found move(Torrent torrent, @Nullable StatusRecord status) {
        List<Transfer> all = transfers.lockAllOf(torrent.id());
        if (apply(torrent, all, status)) {
            wishes.merge(torrent);
        }
        return found(torrent, all);
    }

    private static Found found(Torrent torrent, List<Transfer> all) {
        return new Found(
                torrent.owner().isShared(),
                all.stream().mapToLong(Transfer::goalUp).min().orElse(Long.MAX_VALUE),
                !torrent.stored().isEmpty());
    }

    /** Returns whether the merged wish may be another now. */
    private boolean apply(Torrent torrent, List<Transfer> all, @Nullable StatusRecord status) {
        Optional<LiveSlice> live = board.of(torrent.id(), torrent.generation());
        boolean wasChecked = torrent.isChecked();
        if (status != null) {
            torrent.addStored(status.stored(), status.check());
        }
        boolean isCheckAnswered = !wasChecked && torrent.isChecked();
        Report report = status == null ? live.map(TransferMoves::report).orElse(null) : report(status, live);
        boolean isShared = torrent.owner().isShared();
        Report current = report == null || report.rev < torrent.rev() ? null : report;
        long up = up(torrent, report, status != null);
        boolean wishMoved = false;
        for (Transfer transfer : all) {
            boolean wasActive = transfer.isActive();
            boolean heldSlot = transfer.holdsSlot();
            if (torrent.isChecked()) {
                transfer.verified();
            }
            if (isCheckAnswered && !wasActive && transfer.isComplete() && !hasAllOf(transfer, torrent)) {
                transfer.reopen();
                wishMoved = true;
                continue; // the report is about a wish without its files
            }
            boolean isByStored = isShared || current != null && (status == null || isBack(transfer, current));
            if (isByStored && hasAllOf(transfer, torrent)) {
                transfer.foundStored();
            } else if (current != null && (status != null || transfer.state() == TransferState.QUEUED)) {
                transfer.observe(current.state, current.reason, Instant.now());
            }
            boolean isReported = status != null && current != null;
            if (isReported || up >= transfer.joinedUp()) { // a total that lags has not fallen back
                transfer.gave(up);
            }
            wishMoved |= wasActive != transfer.isActive() || heldSlot != transfer.holdsSlot();
        }
        return wishMoved;
    }

    /** Whether a report would move a transfer back that all was stored of. */
    private static boolean isBack(Transfer transfer, Report report) {
        return transfer.state() == TransferState.SEEDING && report.state == StatusRecord.State.DOWNLOADING;
    }

    /** Returns what the torrent has sent: the counters of the row are a minute old at most, and so may be newer than a board that lags. */
    private static long up(Torrent torrent, @Nullable Report report, boolean isReported) {
        if (report == null) {
            return torrent.up();
        }
        return isReported ? report.up : Math.max(report.up, torrent.up());
    }

    private static Report report(LiveSlice live) {
        return new Report(live.rev(), live.state(), live.reason(), live.up());
    }

    /** A status is written seldom while the totals move: those of the board are newer, unless the status is of a later owner. */
    private static Report report(StatusRecord status, Optional<LiveSlice> live) {
        long up = status.totals().up();
        if (live.isPresent() && live.get().epoch() >= status.epoch()) {
            up = live.get().epoch() == status.epoch()
                    ? Math.max(up, live.get().up())
                    : live.get().up();
        }
        return new Report(status.rev(), status.state(), status.reason(), up);
    }

    /**
     * Whether the files of {@code transfer} are stored, whatever its torrent's other transfers want. What is stored only grows within
     * a generation and a check, so a status that is older than the newest wish says it too.
     */
    private static boolean hasAllOf(Transfer transfer, Torrent torrent) {
        if (!torrent.isChecked()) {
            return false;
        }
        BitSet missing = transfer.share().segments();
        if (missing == null) {
            missing = new BitSet();
            missing.set(0, torrent.segments());
        }
        missing.andNot(torrent.stored());
        return missing.isEmpty();
    }
}
