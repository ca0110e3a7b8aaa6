package io.shoal.intake.progress;

import static org.assertj.core.api.Assertions.assertThat;

import io.shoal.bittorrent.InfoHash;
import io.shoal.contracts.Generation;
import io.shoal.contracts.TorrentId;
import io.shoal.contracts.records.Bits;
import io.shoal.contracts.records.ProgressRecord.Rates;
import io.shoal.contracts.records.StatusRecord;
import io.shoal.contracts.records.StatusRecord.State;
import io.shoal.contracts.topics.SliceKey;
import io.shoal.intake.platform.Fleet;
import java.time.Duration;
import java.time.Instant;
import java.util.BitSet;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class StatusBoardTest {
    private static final TorrentId TORRENT = TorrentId.of("owner", InfoHash.of(new byte[20]));
    private static final SliceKey KEY = new SliceKey.OfTorrent(TORRENT, 0);

    private final AtomicLong nanos = new AtomicLong();
    private final StatusBoard board = new StatusBoard(nanos::get);

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

    private static StatusRecord moving(State state, Rates rates, long epoch) {
        StatusRecord status = status(1, 1, epoch);
        return new StatusRecord(
                status.v(),
                status.gen(),
                status.rev(),
                status.epoch(),
                status.worker(),
                state,
                null,
                status.stored(),
                0,
                status.totals(),
                rates,
                status.peers(),
                status.trackers(),
                null);
    }

    private void pass(Duration time) {
        nanos.addAndGet(time.toNanos());
    }

    @ParameterizedTest
    @CsvSource({"DOWNLOADING, 5", "RESOLVING, 5", "SEEDING, 30"})
    void aSliceThatMovesIsOverdueSoonAfterTheNextReportWasDue(State state, int seconds) {
        board.put(KEY, moving(state, new Rates(0, 7), 2));
        pass(Duration.ofSeconds(seconds).plus(StatusBoard.LATE));
        assertThat(board.isOverdue(KEY)).isFalse();
        pass(Duration.ofNanos(1));
        assertThat(board.isOverdue(KEY)).isTrue();

        board.put(KEY, moving(state, new Rates(7, 0), 1));
        assertThat(board.isOverdue(KEY)).as("a record of a former owner").isTrue();
        board.put(KEY, moving(state, new Rates(7, 0), 2));
        assertThat(board.isOverdue(KEY)).isFalse();
    }

    @Test
    void aSliceInWhichNothingMovesIsNeverOverdue() {
        assertThat(board.isOverdue(KEY)).isFalse();
        board.put(KEY, moving(State.DOWNLOADING, Rates.ZERO, 1));
        pass(Duration.ofDays(1));
        assertThat(board.isOverdue(KEY)).isFalse();
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
