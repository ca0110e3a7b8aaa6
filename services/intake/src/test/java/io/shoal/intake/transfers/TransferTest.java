package io.shoal.intake.transfers;

import static org.assertj.core.api.Assertions.assertThat;

import io.shoal.bittorrent.InfoHash;
import io.shoal.contracts.TorrentId;
import io.shoal.contracts.records.StatusRecord.Reason;
import io.shoal.contracts.records.StatusRecord.State;
import io.shoal.contracts.records.Wanted;
import io.shoal.intake.infos.SegmentShare;
import io.shoal.intake.torrents.Sources;
import java.time.Instant;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class TransferTest {
    private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");
    private static final InfoHash HASH = InfoHash.of(new byte[20]);

    private static Transfer planned(@Nullable Double ratio) {
        Transfer transfer = magnet(ratio);
        transfer.plan(
                TorrentId.of("owner", HASH), "name", 100, Sources.NONE, Wanted.ALL, new SegmentShare(null, 100), 40);
        return transfer;
    }

    private static Transfer magnet(@Nullable Double ratio) {
        Transfer transfer = new Transfer(
                UUID.randomUUID(),
                null,
                HASH,
                "name",
                Sources.NONE,
                new AddOptions(
                        Wanted.ALL, false, false, new Goals(ratio, null, null), Filing.NONE, RunOptions.DEFAULT));
        transfer.resolve("magnet:?", 1);
        return transfer;
    }

    @Test
    void itFollowsItsWorker() {
        Transfer transfer = planned(null);
        assertThat(transfer.state()).isEqualTo(TransferState.QUEUED);
        transfer.observe(State.STARTING, null, NOW);
        assertThat(transfer.state()).isEqualTo(TransferState.QUEUED);
        transfer.observe(State.DOWNLOADING, null, NOW);
        transfer.observe(State.STARTING, null, NOW);
        assertThat(transfer.state()).as("a successor that starts").isEqualTo(TransferState.DOWNLOADING);
        transfer.observe(State.SEEDING, null, NOW);
        assertThat(transfer.state()).isEqualTo(TransferState.SEEDING);
    }

    @Test
    void theGoalCountsFromWhenItJoined() {
        Transfer transfer = planned(1.0);
        transfer.gave(1_000);
        assertThat(transfer.state()).as("not before all is stored").isEqualTo(TransferState.QUEUED);
        transfer.observe(State.SEEDING, null, NOW);
        transfer.gave(139);
        assertThat(transfer.state()).isEqualTo(TransferState.SEEDING);
        transfer.gave(140);
        assertThat(transfer.state()).isEqualTo(TransferState.DONE);
        transfer.observe(State.STOPPED, null, NOW);
        assertThat(transfer.state()).isEqualTo(TransferState.DONE);
        transfer.seedTo(new Goals(2.0, null, null));
        assertThat(transfer.state()).isEqualTo(TransferState.QUEUED);
    }

    @Test
    void aForcedOneGoesOnAfterItsGoals() {
        Transfer transfer = planned(1.0);
        transfer.seedTo(new Goals(1.0, 0L, null));
        transfer.observe(State.SEEDING, null, NOW);
        transfer.force(true);
        transfer.gave(1_000);
        assertThat(transfer.goalUp()).isEqualTo(Long.MAX_VALUE);
        assertThat(transfer.seedNoLonger(null, true, NOW.plusSeconds(1L << 31))).isFalse();
        assertThat(transfer.state()).isEqualTo(TransferState.SEEDING);
        transfer.force(false);
        transfer.gave(1_000);
        assertThat(transfer.state()).isEqualTo(TransferState.DONE);
        transfer.force(true);
        assertThat(transfer.isActive()).isTrue();
        transfer.pause(true, 2);
        assertThat(transfer.isActive()).as("a pause outlasts it").isFalse();
        transfer.pause(false, 3);
        transfer.observe(State.SEEDING, null, NOW);
        transfer.force(false);
        assertThat(transfer.seedNoLonger(null, true, NOW.plusSeconds(1L << 31))).isTrue();
    }

    @Test
    void totalsThatFellBackDoNotMeetTheGoal() {
        Transfer transfer = planned(1.0);
        transfer.observe(State.SEEDING, null, NOW);
        transfer.gave(39);
        transfer.gave(138);
        assertThat(transfer.state()).isEqualTo(TransferState.SEEDING);
        transfer.gave(139);
        assertThat(transfer.state()).isEqualTo(TransferState.DONE);
    }

    @Test
    void withoutAGoalItSeedsUntilItIsRemoved() {
        Transfer transfer = planned(null);
        transfer.observe(State.SEEDING, null, NOW);
        transfer.gave(Long.MAX_VALUE);
        assertThat(transfer.state()).isEqualTo(TransferState.SEEDING);
    }

    @Test
    void aStallKeepsItsBeginning() {
        Transfer transfer = planned(null);
        transfer.observe(State.DOWNLOADING, Reason.NO_PEERS, NOW);
        transfer.observe(State.DOWNLOADING, Reason.NO_PEERS, NOW.plusSeconds(60));
        assertThat(transfer.hindrances().stalledSince()).isEqualTo(NOW);
        transfer.observe(State.DOWNLOADING, Reason.STORAGE_WAIT, NOW.plusSeconds(90));
        assertThat(transfer.hindrances().stalledSince()).isEqualTo(NOW.plusSeconds(90));
        transfer.pause(true, 2);
        assertThat(transfer.hindrances().stalled()).isNull();
    }

    @Test
    void aPauseOutlastsWhatIsReported() {
        Transfer transfer = planned(null);
        transfer.pause(true, 2);
        transfer.observe(State.DOWNLOADING, null, NOW);
        assertThat(transfer.state()).isEqualTo(TransferState.PAUSED);
        transfer.pause(false, 3);
        assertThat(transfer.state()).isEqualTo(TransferState.QUEUED);
    }

    @Test
    void aFailedSearchIsOverUntilItIsBegunAgain() {
        Transfer transfer = magnet(null);
        assertThat(transfer.awaitsMetadata()).isTrue();
        transfer.fail(Failure.NO_METADATA);
        assertThat(transfer.awaitsMetadata()).isFalse();
        assertThat(transfer.state()).isEqualTo(TransferState.FAILED);
        transfer.resolve("magnet:?", 2);
        assertThat(transfer.state()).isEqualTo(TransferState.RESOLVING);
        assertThat(transfer.hindrances().failure()).isNull();
    }

    @Test
    void aBlockOutlastsWishesAndReports() {
        Transfer transfer = planned(null);
        transfer.slot().grant(0, NOW);
        transfer.observe(State.DOWNLOADING, Reason.NO_PEERS, NOW);
        transfer.suspend(true, 2);
        assertThat(transfer.state()).isEqualTo(TransferState.BLOCKED);
        assertThat(transfer.hindrances().block()).isEqualTo(Block.SUSPENDED);
        assertThat(transfer.isActive()).isFalse();
        assertThat(transfer.holdsSlot()).isFalse();
        assertThat(transfer.hindrances().stalled()).isNull();
        transfer.observe(State.SEEDING, null, NOW);
        transfer.pause(true, 3);
        transfer.want(Wanted.ALL, new SegmentShare(null, 100), false);
        transfer.reopen();
        assertThat(transfer.state()).isEqualTo(TransferState.BLOCKED);
        transfer.suspend(false, 4);
        assertThat(transfer.state()).isEqualTo(TransferState.PAUSED);
    }

    @Test
    void aDenialIsShownBeforeASuspensionAndOutlastsIt() {
        Transfer transfer = planned(null);
        transfer.suspend(true, 2);
        transfer.deny();
        assertThat(transfer.hindrances().block()).isEqualTo(Block.DENIED);
        transfer.endGeneration();
        transfer.suspend(false, 3);
        assertThat(transfer.state()).isEqualTo(TransferState.BLOCKED);
        assertThat(transfer.isPlanned()).isFalse();
        assertThat(transfer.charge().bytes()).isZero();
    }

    @Test
    void whatIsCompleteNeedsNoSlotUntilMoreIsWanted() {
        Transfer transfer = planned(null);
        assertThat(transfer.needsSlot()).isTrue();
        transfer.slot().grant(0, NOW);
        transfer.observe(State.SEEDING, null, NOW);
        assertThat(transfer.holdsSlot()).isFalse();
        transfer.pause(true, 2);
        transfer.pause(false, 3);
        assertThat(transfer.isActive()).as("it only seeds").isTrue();
        transfer.want(Wanted.ALL, new SegmentShare(null, 200), true);
        assertThat(transfer.needsSlot()).isTrue();
        assertThat(transfer.isActive()).isFalse();
        transfer.awaitSlot(NOW);
        transfer.observe(State.DOWNLOADING, null, NOW);
        assertThat(transfer.state()).isEqualTo(TransferState.QUEUED);
        transfer.awaitSlot(NOW.plusSeconds(9));
        assertThat(transfer.slot().queuedSince()).as("its place is kept").isEqualTo(NOW);
    }
}
