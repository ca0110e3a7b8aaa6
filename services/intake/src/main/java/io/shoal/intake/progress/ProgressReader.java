package io.shoal.intake.progress;

import io.shoal.contracts.records.StatusRecord;
import io.shoal.contracts.topics.SliceKey;
import io.shoal.intake.infos.InfoStore;
import io.shoal.intake.torrents.Torrent;
import io.shoal.intake.transfers.Transfer;
import io.shoal.intake.transfers.TransferState;
import io.shoal.objectstore.StoreUnavailableException;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.BitSet;
import org.jspecify.annotations.Nullable;

/** Puts together how far a transfer is, from what is live and what was counted. */
@ApplicationScoped
public class ProgressReader {
    private final StatusBoard board;
    private final InfoStore infos;

    ProgressReader(StatusBoard board, InfoStore infos) {
        this.board = board;
        this.infos = infos;
    }

    /** How far {@code transfer} is; {@code torrent} is its torrent, once that is known. */
    public Progress of(Transfer transfer, @Nullable Torrent torrent) {
        boolean stale = !board.isFresh();
        if (torrent == null) {
            StatusRecord live = board.of(new SliceKey.OfResolve(transfer.id())).orElse(null);
            return new Progress(0, 0, new BitSet(), 0, 0, live, stale);
        }
        StatusRecord live = board.of(torrent.id(), torrent.generation()).orElse(null);
        BitSet segments = live == null ? torrent.stored() : live.stored().toBitSet();
        long down = live == null ? torrent.down() : live.totals().down();
        long up = live == null ? torrent.up() : live.totals().up();
        Bytes bytes = stored(transfer, torrent, segments);
        return new Progress(
                transfer.wantedBytes(),
                bytes.count,
                segments,
                down,
                Math.max(0, up < transfer.joinedUp() ? up : up - transfer.joinedUp()),
                live,
                stale || !bytes.exact);
    }

    private record Bytes(long count, boolean exact) {}

    private Bytes stored(Transfer transfer, Torrent torrent, BitSet segments) {
        if (transfer.state() == TransferState.SEEDING || transfer.state() == TransferState.DONE) {
            return new Bytes(transfer.wantedBytes(), true);
        }
        if (segments.isEmpty()) {
            return new Bytes(0, true);
        }
        try {
            return new Bytes(infos.read(torrent.keys()).storedBytes(transfer.wanted(), segments), true);
        } catch (StoreUnavailableException e) {
            return new Bytes(0, false); // without the geometry nobody can say how many bytes these segments have
        }
    }
}
