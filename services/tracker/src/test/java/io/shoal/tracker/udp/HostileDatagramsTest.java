package io.shoal.tracker.udp;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.shoal.tracker.accounting.Ledger;
import io.shoal.tracker.admission.Admission;
import io.shoal.tracker.admission.Passkeys;
import io.shoal.tracker.admission.Torrents;
import io.shoal.tracker.announce.Rules;
import io.shoal.tracker.announce.Tracker;
import io.shoal.tracker.announce.Traffic;
import io.shoal.tracker.limits.RateLimit;
import io.shoal.tracker.members.Members;
import io.shoal.tracker.networks.Address;
import io.shoal.tracker.networks.Networks;
import io.shoal.tracker.swarms.SwarmLimits;
import io.shoal.tracker.swarms.Swarms;
import io.shoal.tracker.waiting.WaitingLimits;
import io.shoal.tracker.waiting.WaitingPlaces;
import java.time.Duration;
import java.util.List;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The UDP edge under seeded noise, with and without a valid connection id. */
class HostileDatagramsTest {
    private static final long NOW = 1_800_000_000_000L;

    private static Datagrams datagrams(long seed, RandomGenerator random, ConnectionIds ids) {
        SwarmLimits swarmLimits = new SwarmLimits(1_000, 1_000, 1_000);
        Tracker tracker = new Tracker(
                new Swarms(swarmLimits, seed),
                new Members(swarmLimits, new Ledger(10), () -> random),
                new Admission(new Torrents(key -> {}), new Passkeys(1, key -> {}), true),
                new WaitingPlaces(WaitingLimits.usual(Duration.ZERO), () -> NOW),
                new RateLimit(0, 1, 1),
                new Rules(60, 30, Networks.of(List.of()), Networks.of(List.of()), true),
                () -> NOW,
                () -> random);
        return new Datagrams(tracker, new Traffic(), ids, () -> NOW);
    }

    @Test
    void row22WhatComesFromPort0IsDropped() {
        ConnectionIds ids = new ConnectionIds(List.of(new byte[16]));
        Datagrams datagrams = datagrams(1, new SplittableRandom(1), ids);
        Address source = Address.ofV4(0x01020304);
        ByteBuf connect =
                Unpooled.buffer().writeLong(0x41727101980L).writeInt(0).writeInt(7);
        ByteBuf announce = Unpooled.wrappedBuffer(UdpTest.announce(ids.issue(source, NOW), 1, 0));
        for (ByteBuf request : List.of(connect, announce)) {
            ByteBuf out = Unpooled.buffer(2_048);
            datagrams.answer(request.duplicate(), source, 0, out);
            assertThat(out.isReadable()).isFalse();
            datagrams.answer(request.duplicate(), source, 1, out);
            assertThat(out.isReadable()).isTrue();
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void row26BeforeValidationNoReplyIsLargerThanItsRequestAndNoneEverPassesAPacket(long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        ConnectionIds ids = new ConnectionIds(List.of(new byte[16]));
        Datagrams datagrams = datagrams(seed, random, ids);
        ByteBuf out = Unpooled.buffer(2_048);
        int answered = 0;
        for (int run = 0; run < 20_000; run++) {
            Address source = random.nextBoolean() ? Address.ofV4(random.nextInt()) : new Address(1, random.nextInt());
            boolean valid = random.nextBoolean();
            byte[] bytes = bytes(random, valid, ids.issue(source, NOW));
            out.clear();
            datagrams.answer(Unpooled.wrappedBuffer(bytes), source, random.nextInt(3), out);
            int most = source.isV4() ? 1_472 : 1_452;
            assertThat(out.readableBytes()).isLessThanOrEqualTo(valid ? most : bytes.length);
            if (out.isReadable()) {
                answered++;
                assertThat(out.getInt(4)).as("the transaction").isEqualTo(0x01010101);
            }
        }
        assertThat(answered).isGreaterThan(1_000);
    }

    private static byte[] bytes(SplittableRandom random, boolean valid, long id) {
        byte[] bytes = new byte[random.nextInt(4) == 0 ? random.nextInt(20) : random.nextInt(2_000)];
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = (byte) (random.nextInt(4) == 0 ? random.nextInt(256) : 0);
        }
        if (bytes.length >= 16) {
            ByteBuf head = Unpooled.wrappedBuffer(bytes);
            head.setLong(0, valid ? id : random.nextInt(5) == 0 ? 0x41727101980L : random.nextLong());
            head.setInt(8, random.nextInt(4));
            head.setInt(12, 0x01010101);
        }
        return bytes;
    }
}
