package io.shoal.intake.progress;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.shoal.bittorrent.InfoHash;
import io.shoal.contracts.Generation;
import io.shoal.contracts.TorrentId;
import io.shoal.contracts.records.Bits;
import io.shoal.contracts.records.ProgressRecord;
import io.shoal.contracts.records.ProgressRecord.Peers;
import io.shoal.contracts.records.ProgressRecord.Rates;
import io.shoal.contracts.records.StatusRecord;
import io.shoal.contracts.records.StatusRecord.Reason;
import io.shoal.contracts.records.StatusRecord.State;
import io.shoal.contracts.records.StatusRecord.Totals;
import io.shoal.contracts.topics.SliceKey;
import io.shoal.intake.platform.Fleet;
import java.time.Duration;
import java.time.Instant;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class StatusBoardTest {
    private static final TorrentId TORRENT = TorrentId.of("owner", InfoHash.of(new byte[20]));
    private static final SliceKey KEY = new SliceKey.OfTorrent(TORRENT, 0);

    /** A tick of the board's clock. */
    private static final Duration TICK = Duration.ofNanos(1 << 27);

    private final AtomicLong nanos = new AtomicLong();
    private final StatusBoard board = new StatusBoard(nanos::get);

    private static StatusRecord status(long generation, long rev, long epoch) {
        return status(State.DOWNLOADING, null, generation, rev, epoch, 0);
    }

    private static StatusRecord status(
            State state, @Nullable Reason reason, long generation, long rev, long epoch, long up) {
        return Fleet.status(new Generation(generation), rev, epoch, state, reason, Bits.NONE, up, null);
    }

    private static ProgressRecord.Slice figures(long generation, long epoch, long up, Rates rates) {
        return new ProgressRecord.Slice(
                KEY.toString(),
                new Generation(generation),
                epoch,
                new Totals(5_000, up, 0, 0, 17L),
                rates,
                new Peers(70_000, 3, 1 << 20));
    }

    private LiveSlice live() {
        return board.of(KEY).orElseThrow();
    }

    @Test
    void aLowerEpochIsIgnored() {
        board.put(KEY, status(1, 1, 5));
        assertThat(board.put(KEY, status(1, 9, 4))).isFalse();
        assertThat(live().epoch()).isEqualTo(5);
        assertThat(live().worker()).isEqualTo("worker-5");
    }

    @Test
    void aWorkerTooManyLeavesNothingBehind() {
        for (int epoch = 1; epoch <= 1 << 16; epoch++) {
            board.put(KEY, status(1, 1, epoch));
        }
        SliceKey other = new SliceKey.OfTorrent(TORRENT, 1);
        assertThatThrownBy(() -> board.put(other, status(1, 1, (1 << 16) + 1)))
                .isInstanceOf(IllegalArgumentException.class);
        assertThat(board.of(other)).isEmpty();
        assertThat(board.put(other, status(1, 1, 7))).isTrue();
    }

    @Test
    void aLowerRevisionOfTheSameOwnerIsIgnored() {
        board.put(KEY, status(1, 9, 5));
        assertThat(board.put(KEY, status(1, 8, 5))).isFalse();
        assertThat(board.put(KEY, status(1, 8, 6))).isTrue();
        assertThat(live().rev()).isEqualTo(8);
    }

    @Test
    void aLowerGenerationIsIgnoredWhateverItsEpoch() {
        board.put(KEY, status(2, 1, 1));
        assertThat(board.put(KEY, status(1, 9, 9))).isFalse();
        assertThat(board.put(KEY, status(3, 1, 1))).isTrue();
        assertThat(board.of(TORRENT, new Generation(2))).isEmpty();
        assertThat(board.of(TORRENT, new Generation(3))).isPresent();
    }

    @Test
    void allOfAReportIsKept() {
        long gen = Instant.parse("2100-01-01T00:00:00Z").toEpochMilli() * 1_000;
        board.put(KEY, status(State.SEEDING, Reason.INTERNAL, gen, 1L << 40, 1L << 35, 1));
        board.put(KEY, figures(gen, 1L << 35, 1L << 60, new Rates(3_000_000_000L, 1L << 40)));
        assertThat(live())
                .isEqualTo(new LiveSlice(
                        new Generation(gen),
                        1L << 40,
                        1L << 35,
                        "worker-" + (1L << 35),
                        State.SEEDING,
                        Reason.INTERNAL,
                        0,
                        5_000,
                        1L << 60,
                        17L,
                        new Rates(3_000_000_000L, (1L << 32) - 1),
                        new Peers(65_535, 3, 1 << 20)));
    }

    @Test
    void numbersThatAreNotGivenOutAreRefused() {
        assertThatThrownBy(() -> board.put(KEY, status(Long.MAX_VALUE, 1, 1)))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> board.put(KEY, status(1, Long.MAX_VALUE, 1)))
                .isInstanceOf(IllegalArgumentException.class);
        assertThat(board.of(KEY)).isEmpty();
    }

    @Test
    void figuresOfAFormerOwnerOrAnotherGenerationAreIgnored() {
        assertThat(board.put(KEY, figures(2, 5, 9, Rates.ZERO))).as("no status").isFalse();
        board.put(KEY, status(2, 1, 5));
        assertThat(board.put(KEY, figures(1, 9, 9, Rates.ZERO))).isFalse();
        assertThat(board.put(KEY, figures(3, 9, 9, Rates.ZERO))).isFalse();
        assertThat(board.put(KEY, figures(2, 4, 9, Rates.ZERO))).isFalse();
        assertThat(live().up()).isZero();
        assertThat(board.put(KEY, figures(2, 6, 9, new Rates(1, 2))))
                .as("the next owner")
                .isTrue();
        assertThat(live().up()).isEqualTo(9);
        assertThat(live().left()).isEqualTo(17);
        assertThat(live().rates()).isEqualTo(new Rates(1, 2));
    }

    @Test
    void totalsFallWithAnotherOwnerOnly() {
        board.put(KEY, status(State.SEEDING, null, 1, 1, 5, 700));
        board.put(KEY, figures(1, 5, 800, Rates.ZERO));
        assertThat(board.put(KEY, figures(1, 5, 790, Rates.ZERO))).isFalse();
        // A status that is written seldom, and is read late.
        assertThat(board.put(KEY, status(State.SEEDING, null, 1, 2, 5, 750))).isTrue();
        assertThat(live().up()).isEqualTo(800);
        assertThat(live().rev()).isEqualTo(2);
        board.put(KEY, status(State.STARTING, null, 1, 2, 6, 740));
        assertThat(live().up()).isEqualTo(740);
    }

    @Test
    void anotherOwnerAndAnEndedStateHaveNoRates() {
        board.put(KEY, status(1, 1, 5));
        board.put(KEY, figures(1, 5, 1, new Rates(7, 7)));
        board.put(KEY, status(1, 2, 5));
        assertThat(live().rates()).isEqualTo(new Rates(7, 7));
        board.put(KEY, status(1, 2, 6));
        assertThat(live().rates()).isEqualTo(Rates.ZERO);
        assertThat(live().peers()).isEqualTo(Peers.NONE);
        board.put(KEY, figures(1, 6, 1, new Rates(7, 7)));
        board.put(KEY, status(State.STOPPED, null, 1, 3, 6, 1));
        assertThat(live().rates()).isEqualTo(Rates.ZERO);
        board.put(KEY, figures(1, 6, 1, new Rates(7, 7)));
        assertThat(live().rates()).as("figures that came late").isEqualTo(Rates.ZERO);
    }

    private void pass(Duration time) {
        nanos.addAndGet(time.toNanos());
    }

    @ParameterizedTest
    @CsvSource({"DOWNLOADING, 2", "RESOLVING, 2", "SEEDING, 4"})
    void aSliceThatMovesIsOverdueSoonAfterTheNextFiguresWereDue(State state, int seconds) {
        board.put(KEY, status(state, null, 1, 1, 2, 0));
        board.put(KEY, figures(1, 2, 1, new Rates(0, 7)));
        pass(Duration.ofSeconds(seconds).plus(StatusBoard.LATE));
        assertThat(board.isOverdue(KEY)).isFalse();
        pass(TICK.multipliedBy(3));
        assertThat(board.isOverdue(KEY)).isTrue();

        board.put(KEY, figures(1, 1, 2, new Rates(7, 0)));
        assertThat(board.isOverdue(KEY)).as("figures of a former owner").isTrue();
        board.put(KEY, figures(1, 2, 2, new Rates(7, 0)));
        assertThat(board.isOverdue(KEY)).isFalse();
    }

    @Test
    void aSliceInWhichNothingMovesIsNeverOverdue() {
        assertThat(board.isOverdue(KEY)).isFalse();
        board.put(KEY, status(1, 1, 1));
        pass(Duration.ofDays(1));
        assertThat(board.isOverdue(KEY)).isFalse();
        board.put(KEY, figures(1, 1, 0, Rates.ZERO));
        pass(Duration.ofDays(1));
        assertThat(board.isOverdue(KEY)).isFalse();
    }

    @Test
    void aTombstoneForgets() {
        board.put(KEY, status(1, 1, 5));
        board.remove(KEY);
        assertThat(board.of(KEY)).isEmpty();
        assertThat(board.put(KEY, status(1, 1, 1))).isTrue();
    }

    @Test
    void aMillionSlicesTakeAboutAHundredBytesEach() {
        int count = 1_000_000;
        StatusRecord status = status(1, 1, 1);
        for (int i = 0; i < count; i++) {
            board.put(new SliceKey.OfResolve(new UUID(i * 0x9E3779B97F4A7C15L, i)), status);
        }
        assertThat(board.bytes()).isLessThan(106L << 20);
        board.put(KEY, status(1, 1, 5));
        assertThat(live().epoch()).isEqualTo(5);
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
