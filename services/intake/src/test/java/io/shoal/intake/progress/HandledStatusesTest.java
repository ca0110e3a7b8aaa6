package io.shoal.intake.progress;

import static io.shoal.intake.progress.HandledStatuses.Action.ACT;
import static io.shoal.intake.progress.HandledStatuses.Action.IGNORE;
import static io.shoal.intake.progress.HandledStatuses.Action.NOTHING;
import static io.shoal.intake.progress.HandledStatuses.Action.STORE;
import static org.assertj.core.api.Assertions.assertThat;

import io.shoal.contracts.Generation;
import io.shoal.contracts.TorrentId;
import io.shoal.contracts.records.Bits;
import io.shoal.contracts.records.StatusRecord;
import io.shoal.contracts.records.StatusRecord.Reason;
import io.shoal.contracts.records.StatusRecord.State;
import io.shoal.contracts.records.StatusRecord.Tracker;
import io.shoal.contracts.topics.SliceKey;
import io.shoal.intake.platform.Fleet;
import java.util.BitSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class HandledStatusesTest {
    private static final SliceKey KEY = new SliceKey.OfTorrent(new TorrentId("a".repeat(26)), 0);
    private static final int PARTITION = 255;

    private final HandledStatuses handled = new HandledStatuses();

    private HandledStatuses.Action accept(
            long gen, long rev, long epoch, State state, @Nullable Reason reason, int stored, long up) {
        BitSet bits = new BitSet();
        bits.set(0, stored);
        StatusRecord status = Fleet.status(new Generation(gen), rev, epoch, state, reason, Bits.of(bits), up, null);
        return handled.accept(KEY, PARTITION, status);
    }

    private HandledStatuses.Action seeding(int stored, long up) {
        return accept(1, 1, 1, State.SEEDING, null, stored, up);
    }

    @Test
    void whatHasNotChangedRequiresNothing() {
        assertThat(seeding(1, 0)).isEqualTo(ACT);
        handled.acted(KEY, false, Long.MAX_VALUE);
        assertThat(seeding(1, 0)).isEqualTo(NOTHING);
        assertThat(seeding(1, 1_000)).isEqualTo(NOTHING);
        assertThat(seeding(2, 1_000)).isEqualTo(STORE);
        assertThat(seeding(2, 1_000)).isEqualTo(NOTHING);
        assertThat(accept(1, 1, 1, State.DOWNLOADING, null, 2, 0)).isEqualTo(ACT);
        assertThat(accept(1, 1, 1, State.DOWNLOADING, Reason.NO_PEERS, 2, 0)).isEqualTo(ACT);
        assertThat(accept(1, 2, 1, State.DOWNLOADING, Reason.NO_PEERS, 2, 0)).isEqualTo(ACT);
        assertThat(accept(1, 2, 2, State.DOWNLOADING, Reason.NO_PEERS, 2, 0)).isEqualTo(ACT);
        assertThat(accept(2, 2, 1, State.DOWNLOADING, Reason.NO_PEERS, 2, 0)).isEqualTo(ACT);
        assertThat(accept(2, 2, 1, State.DOWNLOADING, Reason.NO_PEERS, 2, 0)).isEqualTo(NOTHING);
    }

    @Test
    void aSearchForMetadataStoresNothing() {
        SliceKey search = new SliceKey.OfResolve(new UUID(1, 2));
        BitSet bits = new BitSet();
        for (HandledStatuses.Action expected : List.of(ACT, NOTHING)) {
            StatusRecord status = Fleet.status(new Generation(1), 1, 1, State.RESOLVING, null, Bits.of(bits), 0, null);
            assertThat(handled.accept(search, PARTITION, status)).isEqualTo(expected);
            bits.set(0);
        }
    }

    @Test
    void whatIsOlderIsIgnored() {
        accept(2, 2, 2, State.SEEDING, null, 1, 0);
        assertThat(accept(1, 9, 9, State.SEEDING, null, 1, 0)).isEqualTo(IGNORE);
        assertThat(accept(2, 9, 1, State.SEEDING, null, 1, 0)).isEqualTo(IGNORE);
        assertThat(accept(2, 1, 2, State.SEEDING, null, 1, 0)).isEqualTo(IGNORE);
        assertThat(accept(2, 2, 2, State.SEEDING, null, 1, 0)).isEqualTo(NOTHING);
    }

    @Test
    void eachSegmentOfASharedTorrentMayCompleteATransfer() {
        seeding(1, 0);
        handled.acted(KEY, true, Long.MAX_VALUE);
        assertThat(seeding(2, 0)).isEqualTo(ACT);
        assertThat(seeding(2, 0)).isEqualTo(NOTHING);
    }

    @Test
    void whatTrackersHaveAnsweredIsStored() {
        StatusRecord status = Fleet.status(new Generation(1), 1, 1, State.SEEDING, null, Bits.NONE, 0, null);
        Tracker one = new Tracker("one", true, 1_000, "ok", 500L, null);
        Tracker two = new Tracker("two", true, 1_000, "ok", 500L, null);
        assertThat(handled.accept(KEY, PARTITION, Fleet.with(status, 0, one, two)))
                .isEqualTo(ACT);
        handled.acted(KEY, true, Long.MAX_VALUE);
        assertThat(handled.accept(KEY, PARTITION, Fleet.with(status, 0, two, one)))
                .as("no order")
                .isEqualTo(NOTHING);
        for (Tracker other : List.of(
                new Tracker("one", true, 1_001, "ok", 500L, null),
                new Tracker("one", true, 1_001, "timeout", 500L, null),
                new Tracker("one", true, 1_001, "timeout", 501L, null),
                new Tracker("one", true, 1_001, "timeout", 501L, new Tracker.Figures(true, 1L, 2, 3, 4)),
                new Tracker("one", true, 1_001, "timeout", 501L, new Tracker.Figures(true, 1L, 2, 3, 5)))) {
            StatusRecord next = Fleet.with(status, 0, other, two);
            assertThat(handled.accept(KEY, PARTITION, next)).isEqualTo(STORE);
            assertThat(handled.accept(KEY, PARTITION, next)).isEqualTo(NOTHING);
        }
    }

    @Test
    void aGoalIsMetOnce() {
        assertThat(handled.meetsGoal(KEY, 1_000)).as("not known").isFalse();
        seeding(1, 0);
        assertThat(handled.meetsGoal(KEY, 1_000)).as("not looked at").isFalse();
        handled.acted(KEY, false, 500);
        assertThat(handled.meetsGoal(KEY, 499)).isFalse();
        assertThat(seeding(1, 499)).isEqualTo(NOTHING);
        assertThat(handled.meetsGoal(KEY, 500)).isTrue();
        assertThat(handled.meetsGoal(KEY, 501)).isFalse();
        handled.acted(KEY, false, 600);
        assertThat(seeding(1, 600)).isEqualTo(ACT);
    }

    @Test
    void aPartitionThatWasGivenUpIsNotKnown() {
        seeding(1, 0);
        handled.removeAll(Set.of(PARTITION - 1));
        assertThat(seeding(1, 0)).isEqualTo(NOTHING);
        handled.removeAll(Set.of(PARTITION));
        assertThat(seeding(1, 0)).isEqualTo(ACT);
        handled.remove(KEY);
        assertThat(seeding(1, 0)).isEqualTo(ACT);
    }
}
