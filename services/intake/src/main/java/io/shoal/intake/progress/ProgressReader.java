package io.shoal.intake.progress;

import io.shoal.contracts.TorrentId;
import io.shoal.contracts.topics.SliceKey;
import io.shoal.intake.torrents.KnownSegments;
import io.shoal.intake.torrents.SegmentLengths;
import io.shoal.intake.torrents.Torrent;
import io.shoal.intake.transfers.Transfer;
import io.shoal.intake.transfers.TransferState;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.BitSet;
import java.util.Collection;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Computes the progress of a transfer from the board and the row of its torrent, which has the stored segments. It needs no info
 * dictionary, so listings and event streams never read one.
 */
@ApplicationScoped
public class ProgressReader {
    private final StatusBoard board;
    private final KnownSegments known;

    ProgressReader(StatusBoard board, KnownSegments known) {
        this.board = board;
        this.known = known;
    }

    /** Returns the progress of {@code transfer}; {@code torrent} is its torrent, once that is known. */
    public Progress of(Transfer transfer, @Nullable Torrent torrent) {
        boolean stale = !board.isFresh();
        if (torrent == null) {
            SliceKey key = new SliceKey.OfResolve(transfer.id());
            return new Progress(0, 0, 0, new BitSet(), 0, 0, board.of(key).orElse(null), stale || board.isOverdue(key));
        }
        LiveSlice live = board.of(torrent.id(), torrent.generation()).orElse(null);
        BitSet segments = torrent.stored();
        long down = live == null ? torrent.down() : live.down();
        long up = live == null ? torrent.up() : live.up();
        Bytes bytes = stored(transfer, torrent, segments);
        return new Progress(
                transfer.wantedBytes(),
                bytes.count,
                verified(transfer.wantedBytes(), bytes.count, live),
                segments,
                down,
                Math.max(0, up < transfer.joinedUp() ? up : up - transfer.joinedUp()),
                live,
                stale || !bytes.exact || live != null && board.isOverdue(new SliceKey.OfTorrent(torrent.id(), 0)));
    }

    private static long verified(long wanted, long stored, @Nullable LiveSlice live) {
        Long left = live == null ? null : live.left();
        return left == null ? stored : Math.clamp(wanted - left, stored, Math.max(stored, wanted));
    }

    /** Reads at once what {@link #of} needs of these torrents. */
    public void prepare(Collection<TorrentId> torrents) {
        known.of(torrents);
    }

    private record Bytes(long count, boolean exact) {}

    private Bytes stored(Transfer transfer, Torrent torrent, BitSet segments) {
        if (transfer.state() == TransferState.SEEDING || transfer.state() == TransferState.DONE) {
            return new Bytes(transfer.wantedBytes(), true);
        }
        if (segments.isEmpty()) {
            return new Bytes(0, true);
        }
        Optional<SegmentLengths> lengths = known.of(torrent.id());
        if (lengths.isEmpty()) {
            return new Bytes(0, false); // the torrent was purged in this moment
        }
        BitSet wanted = transfer.share().segments();
        BitSet counted = segments;
        if (wanted != null) {
            wanted.and(segments);
            counted = wanted;
        }
        return new Bytes(lengths.get().bytesOf(counted), true);
    }
}
