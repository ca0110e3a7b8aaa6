package io.shoal.intake.planning;

import io.shoal.bittorrent.Limits;
import io.shoal.intake.torrents.Sources;
import io.shoal.intake.torrents.Torrent;
import io.shoal.intake.transactions.RetryConflicts;
import io.shoal.intake.transfers.Transfer;
import io.shoal.intake.transfers.VisibleLibrary;
import io.shoal.intake.wishes.Wishes;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.transaction.Transactional;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * What a tenant asks for once, in contrast to its wishes, which last; and the sources of a transfer. Of a shared torrent, a verification and an
 * announce are for all of its transfers; sources are the transfer's own.
 */
@ApplicationScoped
@RetryConflicts
public class TransferActions {
    private final TransferLocks locks;
    private final Resolves resolves;
    private final Wishes wishes;

    TransferActions(TransferLocks locks, Resolves resolves, Wishes wishes) {
        this.locks = locks;
        this.resolves = resolves;
        this.wishes = wishes;
    }

    /** What came of an action. */
    public enum Outcome {
        DONE,
        /** The library has no such transfer. */
        NO_TRANSFER,
        /** Its metadata is not known, so nothing of it is stored. */
        NO_METADATA,
        /** The operator denies its torrent. */
        DENIED,
        /** Its torrent is private: it has the trackers that it came with (BEP 27). */
        PRIVATE,
        /** The transfer's sources would have more than {@link Limits#SOURCES_BYTES} in all. */
        TOO_LONG
    }

    /** Looks whether everything that is said to be stored is in the store; what is missing is downloaded again. */
    @Transactional
    public Outcome verify(VisibleLibrary library, UUID id) {
        return locks.lock(library, id).map(this::verify).orElse(Outcome.NO_TRANSFER);
    }

    private Outcome verify(TransferLocks.Locked locked) {
        Transfer transfer = locked.transfer();
        if (transfer.isDenied()) {
            return Outcome.DENIED;
        }
        if (!transfer.isPlanned()) {
            return Outcome.NO_METADATA;
        }
        Torrent torrent = locked.torrent();
        wishes.verify(torrent);
        if (!torrent.isChecked()) {
            transfer.verify();
        }
        return Outcome.DONE;
    }

    /** Announces to the trackers as soon as they allow it. */
    @Transactional
    public Outcome reannounce(VisibleLibrary library, UUID id) {
        return locks.lock(library, id).map(this::reannounce).orElse(Outcome.NO_TRANSFER);
    }

    private Outcome reannounce(TransferLocks.Locked locked) {
        Transfer transfer = locked.transfer();
        if (transfer.isDenied()) {
            return Outcome.DENIED;
        }
        if (transfer.isPlanned()) {
            wishes.reannounce(locked.torrent());
        } else if (transfer.awaitsMetadata()) {
            resolves.reannounce(transfer);
        }
        return Outcome.DONE;
    }

    /**
     * Replaces the transfer's own trackers, or web seeds, or both; null leaves them as they are.
     *
     * @param trackers at most {@link Limits#TRACKERS} URLs, each once
     * @param webSeeds at most {@link Limits#WEB_SEEDS} URLs, each once
     */
    @Transactional
    public Outcome changeSources(
            VisibleLibrary library, UUID id, @Nullable List<List<String>> trackers, @Nullable List<String> webSeeds) {
        return locks.lock(library, id)
                .map(locked -> changeSources(locked, trackers, webSeeds))
                .orElse(Outcome.NO_TRANSFER);
    }

    private Outcome changeSources(
            TransferLocks.Locked locked, @Nullable List<List<String>> trackers, @Nullable List<String> webSeeds) {
        Transfer transfer = locked.transfer();
        if (transfer.isPlanned() ? locked.torrent().isPrivate() : transfer.privateAsked()) {
            return Outcome.PRIVATE;
        }
        Sources before = transfer.sources();
        Sources asked = new Sources(
                trackers == null ? before.trackers() : trackers,
                webSeeds == null ? before.webSeeds() : webSeeds,
                before.peers());
        if (asked.equals(before)) {
            return Outcome.DONE;
        }
        Sources next = Sources.of(asked.trackers(), asked.webSeeds(), asked.peers());
        if (!next.equals(asked)) {
            return Outcome.TOO_LONG;
        }
        if (transfer.isPlanned()) {
            transfer.changeSources(next, transfer.rev());
            wishes.merge(locked.torrent());
        } else {
            resolves.changeSources(transfer, next);
        }
        return Outcome.DONE;
    }
}
