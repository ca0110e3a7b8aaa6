package io.shoal.tracker.replication;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.shoal.tracker.networks.Address;
import io.shoal.tracker.swarms.Change;
import io.shoal.tracker.swarms.PeerState;
import io.shoal.tracker.swarms.SwarmKey;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Frames as bytes: what was written is read, and nothing else is. */
class FrameTest {
    private static final long NOW = (1L << 32) * 400 + 5; // some changes are of the time before the low 32 bits wrapped
    private static final int REPLICA = 200;
    private static final long SENDER = -5;

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void row31WhatIsWrittenIsRead(long seed) throws Exception {
        SplittableRandom random = new SplittableRandom(seed);
        FrameWriter writer = new FrameWriter(REPLICA, SENDER);
        for (int frame = 0; frame < 3; frame++) {
            List<Change> changes = new ArrayList<>();
            for (int i = random.nextInt(500); i >= 0; i--) {
                Change change = change(random);
                changes.add(change);
                writer.add(change);
            }
            Frame read = Frame.read(writer.close(NOW));
            assertThat(read).isEqualTo(new Frame(SENDER, frame, NOW, changes));
        }
    }

    @Test
    void row31AFullFrameIsNotLargerThanMayBe() throws Exception {
        SplittableRandom random = new SplittableRandom(1);
        FrameWriter writer = new FrameWriter(REPLICA, SENDER);
        int changes = 0;
        for (; !writer.isFull(); changes++) {
            writer.add(change(random));
        }
        byte[] frame = writer.close(NOW);
        assertThat(frame.length).isBetween(Frame.MOST_BYTES - 100, Frame.MOST_BYTES);
        assertThat(Frame.read(frame).changes()).hasSize(changes);
        assertThatThrownBy(() -> Frame.read(Arrays.copyOf(frame, Frame.MOST_BYTES + 1)))
                .isInstanceOf(BadFrameException.class);
    }

    /** Each is one field of a good frame made bad; the offsets are the format's. */
    @Test
    void row31WhatCannotBeIsRefusedByName() {
        assertRefused("length", frame -> Arrays.copyOf(frame, Frame.HEAD_BYTES - 1));
        assertRefused("version", frame -> with(frame, 0, 2));
        assertRefused("sequence", frame -> with(frame, 10, 0x80));
        assertRefused("time", frame -> with(frame, 18, 0x80));
        assertRefused("flags", frame -> with(frame, Frame.HEAD_BYTES, 0x40));
        assertRefused("flags", frame -> with(frame, Frame.HEAD_BYTES, Frame.COMPLETED));
        assertRefused("address", frame -> with(frame, Frame.HEAD_BYTES + 21, 255));
        assertRefused("port", frame -> with(with(frame, Frame.HEAD_BYTES + 25, 0), Frame.HEAD_BYTES + 26, 0));
        assertRefused("downloaded", frame -> with(frame, Frame.HEAD_BYTES + 31, 0x80));
        assertRefused("cut off", frame -> Arrays.copyOf(frame, frame.length - 1));
    }

    private interface Damage {
        byte[] to(byte[] frame);
    }

    private static void assertRefused(String reason, Damage damage) {
        FrameWriter writer = new FrameWriter(REPLICA, SENDER);
        writer.add(new Change(
                new SwarmKey(1, 2, 3),
                Address.ofV4(10 << 24 | 1),
                0x1a1b,
                7,
                PeerState.SEED,
                false,
                false,
                false,
                0,
                NOW,
                REPLICA));
        byte[] frame = writer.close(NOW);
        assertThatThrownBy(() -> Frame.read(damage.to(frame)))
                .isInstanceOf(BadFrameException.class)
                .hasMessageContaining(reason);
    }

    private static byte[] with(byte[] frame, int at, int value) {
        byte[] damaged = frame.clone();
        damaged[at] = (byte) value;
        return damaged;
    }

    /** Good frames with bytes changed, cut, added: each is read or refused, and what is read is within bounds. */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4})
    void row31DamagedFramesAreReadOrRefusedAndNothingElse(long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        int read = 0;
        int refused = 0;
        for (int run = 0; run < 20_000; run++) {
            FrameWriter writer = new FrameWriter(REPLICA, random.nextLong());
            for (int i = random.nextInt(6); i > 0; i--) {
                writer.add(change(random));
            }
            byte[] frame = writer.close(NOW);
            for (int damage = random.nextInt(4); damage > 0; damage--) {
                frame[random.nextInt(frame.length)] = (byte) random.nextInt(256);
            }
            if (random.nextInt(3) == 0) {
                frame = Arrays.copyOf(frame, random.nextInt(2 * frame.length));
            }
            try {
                for (Change change : Frame.read(frame).changes()) {
                    assertThat(change.port()).isBetween(1, 65_535);
                    assertThat(change.downloaded()).isNotNegative();
                    assertThat(change.replica()).isBetween(0, Change.REPLICA_MOST);
                    assertThat(change.address().isUnicast()).isTrue();
                }
                read++;
            } catch (BadFrameException e) {
                refused++;
            }
        }
        assertThat(read).isGreaterThan(1_000);
        assertThat(refused).isGreaterThan(1_000);
    }

    private static Change change(SplittableRandom random) {
        boolean counted = random.nextBoolean();
        return new Change(
                new SwarmKey(random.nextLong(), random.nextLong(), random.nextInt()),
                random.nextBoolean()
                        ? Address.ofV4(10 << 24 | random.nextInt(1 << 24))
                        : new Address(0x20010db800000000L, random.nextLong()),
                1 + random.nextInt(65_535),
                random.nextInt(),
                PeerState.of(random.nextInt(4)),
                random.nextBoolean(),
                counted,
                counted && random.nextBoolean(),
                random.nextInt(Integer.MAX_VALUE),
                NOW - random.nextInt(100_000) + random.nextInt(10),
                REPLICA);
    }
}
