package io.shoal.swarm.ownership;

import static org.assertj.core.api.Assertions.assertThat;

import io.shoal.contracts.Generation;
import io.shoal.contracts.records.Bits;
import io.shoal.contracts.records.SliceRecord;
import io.shoal.contracts.records.SliceRecord.Mode;
import io.shoal.contracts.records.StatusRecord;
import io.shoal.contracts.records.StatusRecord.State;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** The order in which slices are started when many are gained at once. */
class StartQueueTest {
    private static final long SECOND = 1_000_000_000L;

    private final StartQueue queue = new StartQueue(3);
    private final List<OwnedSlice> started = new ArrayList<>();

    private OwnedSlice gain(Mode mode, long rev, @Nullable State last, long lastRev) {
        StatusRecord status = last == null
                ? null
                : new SliceStatus(
                                new Generation(1),
                                lastRev,
                                last,
                                null,
                                Bits.NONE,
                                0,
                                StatusRecord.Totals.ZERO,
                                List.of(),
                                null)
                        .toRecord("before", 4);
        OwnedSlice slice =
                new OwnedSlice(OwnershipTest.key(), 0, wanted(mode, rev), status, (key, record, past, epoch) -> {
                    throw new AssertionError("it is begun by the owner");
                });
        queue.add(slice);
        return slice;
    }

    private static SliceRecord wanted(Mode mode, long rev) {
        SliceRecord run = OwnershipTest.slice(1, rev);
        return new SliceRecord(
                run.v(),
                run.gen(),
                run.rev(),
                run.kind(),
                run.infoKey(),
                run.magnet(),
                run.infoHash(),
                run.isPrivate(),
                run.firstSegment(),
                run.lastSegment(),
                run.wanted(),
                mode,
                run.trackers(),
                run.webSeeds(),
                run.check(),
                run.peers(),
                null,
                null,
                null);
    }

    private void aSecondGoesBy(long number) {
        queue.startDue(System.nanoTime() + number * SECOND, slice -> true, started::add);
    }

    @Test
    void urgentSlicesStartBeforeSeedingOrStoppedOnes() {
        OwnedSlice seeds = gain(Mode.RUN, 5, State.SEEDING, 5);
        OwnedSlice rests = gain(Mode.STOP, 5, State.STOPPED, 5);
        OwnedSlice downloads = gain(Mode.RUN, 5, State.DOWNLOADING, 5);
        OwnedSlice widened = gain(Mode.RUN, 6, State.SEEDING, 5);
        OwnedSlice fresh = gain(Mode.RUN, 1, null, 0);

        aSecondGoesBy(1);
        assertThat(started).containsExactly(downloads, widened, fresh);
        aSecondGoesBy(2);
        assertThat(started).containsExactly(downloads, widened, fresh, seeds, rests);
    }

    @Test
    void aSliceThatCannotStartNowIsRetriedFirst() {
        OwnedSlice first = gain(Mode.RUN, 1, null, 0);
        OwnedSlice second = gain(Mode.RUN, 1, null, 0);
        queue.startDue(System.nanoTime() + SECOND, slice -> true, slice -> false);
        aSecondGoesBy(2);
        assertThat(started).containsExactly(first, second);
    }
}
