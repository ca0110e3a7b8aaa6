package io.shoal.tracker.replication;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.shoal.tracker.accounting.Counting;
import io.shoal.tracker.members.Location;
import io.shoal.tracker.members.MemberChange;
import io.shoal.tracker.networks.Address;
import io.shoal.tracker.swarms.Event;
import io.shoal.tracker.swarms.PeerKey;
import io.shoal.tracker.swarms.PeerState;
import io.shoal.tracker.swarms.SwarmKey;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class MemberFrameTest {
    private static final Location V4 = new Location(Address.ofV4(0x0a000001), 6881, 1_000);
    private static final Location V6 = new Location(new Address(0x20010db800000000L, 1), 65_535, 2_000);

    private static MemberChange change(@Nullable Location v4, @Nullable Location v6, PeerState state) {
        return new MemberChange(
                new UUID(1, 2),
                new UUID(3, 4),
                new SwarmKey(5, 6, 7),
                new PeerKey(8, 9, 10),
                state,
                true,
                false,
                11,
                v4,
                v6,
                new Counting.Stand(
                        new Counting.Report(Long.MAX_VALUE, 13, Event.PAUSED, state == PeerState.SEED, 2_000),
                        1_500,
                        16,
                        12,
                        18),
                200);
    }

    @Test
    void whatIsWrittenIsRead() throws Exception {
        List<MemberChange> changes = List.of(
                change(V4, V6, PeerState.SEED),
                change(V4, null, PeerState.ACTIVE),
                change(null, V6, PeerState.PAUSED),
                change(null, null, PeerState.STOPPED));
        byte[] frame = MemberFrame.write(200, 77, changes).getFirst();
        assertThat(MemberFrame.read(frame)).isEqualTo(new MemberFrame(77, changes));
    }

    @Test
    void manyChangesAreSeveralFramesThatKafkaTakes() throws Exception {
        List<MemberChange> changes = new ArrayList<>();
        for (int i = 0; i < 5_000; i++) {
            changes.add(change(V4, V6, PeerState.ACTIVE));
        }
        int read = 0;
        for (byte[] frame : MemberFrame.write(1, 77, changes)) {
            assertThat(frame.length).isLessThanOrEqualTo(Frame.MOST_BYTES);
            read += MemberFrame.read(frame).changes().size();
        }
        assertThat(read).isEqualTo(5_000);
        assertThat(MemberFrame.write(1, 77, List.of())).isEmpty();
    }

    @Test
    void whatIsCutOffIsRefused() {
        byte[] frame = MemberFrame.write(1, 77, List.of(change(V4, V6, PeerState.SEED)))
                .getFirst();
        for (int length = 0; length < frame.length; length++) {
            byte[] cut = Arrays.copyOf(frame, length);
            if (length == 10) {
                continue; // a frame of no changes
            }
            assertThatThrownBy(() -> MemberFrame.read(cut)).isInstanceOf(BadFrameException.class);
        }
    }

    @Test
    void aPeerIsNowhereLaterThanItAnnouncedLast() {
        Location future = new Location(V4.address(), V4.port(), 2_001);
        Location future6 = new Location(V6.address(), V6.port(), Long.MAX_VALUE);
        for (MemberChange change :
                List.of(change(future, V6, PeerState.SEED), change(null, future6, PeerState.ACTIVE))) {
            byte[] frame = MemberFrame.write(1, 77, List.of(change)).getFirst();
            assertThatThrownBy(() -> MemberFrame.read(frame))
                    .isInstanceOf(BadFrameException.class)
                    .hasMessageContaining("time");
        }
    }

    @Test
    void brokenFramesAreReadOrRefusedAndNothingElse() {
        SplittableRandom random = new SplittableRandom(3);
        byte[] frame = MemberFrame.write(
                        1, 77, List.of(change(V4, V6, PeerState.SEED), change(V4, null, PeerState.SEED)))
                .getFirst();
        int refused = 0;
        for (int run = 0; run < 20_000; run++) {
            byte[] broken = Arrays.copyOf(frame, random.nextInt(frame.length + 1));
            for (int change = random.nextInt(4); change > 0 && broken.length > 0; change--) {
                broken[random.nextInt(broken.length)] = (byte) random.nextInt(256);
            }
            try {
                for (MemberChange change : MemberFrame.read(broken).changes()) {
                    assertThat(change.stand().uploaded()).isNotNegative();
                    assertThat(change.stand().start()).isLessThanOrEqualTo(change.at());
                }
            } catch (BadFrameException e) {
                refused++;
            }
        }
        assertThat(refused).isBetween(10_000, 20_000);
    }
}
