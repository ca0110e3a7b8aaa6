package io.shoal.intake.progress;

import static org.assertj.core.api.Assertions.assertThat;

import io.shoal.bittorrent.InfoHash;
import io.shoal.contracts.Generation;
import io.shoal.contracts.TorrentId;
import io.shoal.contracts.records.Bits;
import io.shoal.contracts.records.StatusRecord;
import io.shoal.contracts.records.StatusRecord.State;
import io.shoal.contracts.topics.SliceKey;
import io.shoal.intake.platform.Fleet;
import java.time.Instant;
import java.util.BitSet;
import org.junit.jupiter.api.Test;

class StatusBoardTest {
    private static final TorrentId TORRENT = TorrentId.of("owner", InfoHash.of(new byte[20]));
    private static final SliceKey KEY = new SliceKey.OfTorrent(TORRENT, 0);

    private final StatusBoard board = new StatusBoard();

    private static StatusRecord status(long generation, long rev, long epoch, int... stored) {
        BitSet bits = new BitSet();
        for (int segment : stored) {
            bits.set(segment);
        }
        return Fleet.status(new Generation(generation), rev, epoch, State.DOWNLOADING, null, Bits.of(bits), 0, null);
    }

    @Test
    void aLowerEpochIsIgnored() {
        board.put(KEY, status(1, 1, 5));
        assertThat(board.put(KEY, status(1, 9, 4))).isEmpty();
        assertThat(board.of(KEY).orElseThrow().epoch()).isEqualTo(5);
    }

    @Test
    void aLowerGenerationIsIgnoredWhateverItsEpoch() {
        board.put(KEY, status(2, 1, 1));
        assertThat(board.put(KEY, status(1, 9, 9))).isEmpty();
        assertThat(board.put(KEY, status(3, 1, 1))).isPresent();
        assertThat(board.of(TORRENT, new Generation(2))).isEmpty();
        assertThat(board.of(TORRENT, new Generation(3))).isPresent();
    }

    @Test
    void whatIsStoredOnlyGrowsWithinAGeneration() {
        board.put(KEY, status(1, 1, 1, 0, 1));
        board.put(KEY, status(1, 1, 2, 2));
        assertThat(board.of(KEY).orElseThrow().stored().size()).isEqualTo(3);
        board.put(KEY, status(2, 1, 1, 0));
        assertThat(board.of(KEY).orElseThrow().stored().size()).isEqualTo(1);
    }

    @Test
    void aTombstoneForgets() {
        board.put(KEY, status(1, 1, 5));
        board.remove(KEY);
        assertThat(board.put(KEY, status(1, 1, 1))).isPresent();
    }

    @Test
    void reportsAreCurrentSinceTheLastGap() {
        assertThat(board.currentSince()).isEmpty();
        board.setFresh(true);
        Instant first = board.currentSince().orElseThrow();
        board.setFresh(true);
        assertThat(board.currentSince()).contains(first);
        board.setFresh(false);
        assertThat(board.currentSince()).isEmpty();
        board.setFresh(true);
        assertThat(board.currentSince().orElseThrow()).isAfterOrEqualTo(first);
    }
}
