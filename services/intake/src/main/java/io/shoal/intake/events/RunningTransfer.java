package io.shoal.intake.events;

import io.shoal.contracts.Generation;
import io.shoal.contracts.TorrentId;
import io.shoal.contracts.topics.SliceKey;
import io.shoal.intake.progress.StatusBoard;
import io.shoal.intake.torrents.Torrent;
import io.shoal.intake.transfers.Transfer;
import io.shoal.intake.transfers.TransferState;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * What is needed of a transfer in order to follow its figures without a query.
 *
 * @param slice where its figures are reported
 * @param generation that they must be of; null: of any
 * @param isWorkedOn whether the fleet works on it; else it is followed until the worker has reported that it rests
 * @param isStored whether all that it wants was found stored
 * @param joinedUp what its torrent had sent when it joined
 */
record RunningTransfer(
        UUID id,
        SliceKey slice,
        @Nullable Generation generation,
        List<String> labels,
        boolean isWorkedOn,
        boolean isStored,
        long wantedBytes,
        long joinedUp) {

    /** Returns it as it is read from its row; {@code torrent} and {@code generation} are null until its metadata is known. */
    static RunningTransfer of(
            UUID id,
            @Nullable String torrent,
            @Nullable Long generation,
            List<String> labels,
            TransferState state,
            long wantedBytes,
            long joinedUp) {
        return new RunningTransfer(
                id,
                torrent == null ? new SliceKey.OfResolve(id) : new SliceKey.OfTorrent(new TorrentId(torrent), 0),
                generation == null ? null : new Generation(generation),
                labels,
                state.isWorkedOn(),
                state == TransferState.SEEDING || state == TransferState.DONE,
                wantedBytes,
                joinedUp);
    }

    static RunningTransfer of(Transfer transfer, @Nullable Torrent torrent) {
        return of(
                transfer.id(),
                torrent == null ? null : torrent.id().value(),
                torrent == null ? null : torrent.generation().value(),
                transfer.marks().labels().list(),
                transfer.state(),
                transfer.wantedBytes(),
                transfer.joinedUp());
    }

    TransferProgress progress(StatusBoard board) {
        return board.of(slice)
                .filter(live -> generation == null || live.gen().equals(generation))
                .map(live -> TransferProgress.of(this, live))
                .orElseGet(() -> TransferProgress.none(id));
    }
}
