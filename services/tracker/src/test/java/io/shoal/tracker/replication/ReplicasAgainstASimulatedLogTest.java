package io.shoal.tracker.replication;

import static org.assertj.core.api.Assertions.assertThat;

import io.shoal.tracker.accounting.Ledger;
import io.shoal.tracker.members.Members;
import io.shoal.tracker.networks.Address;
import io.shoal.tracker.swarms.Announce;
import io.shoal.tracker.swarms.Event;
import io.shoal.tracker.swarms.Reply;
import io.shoal.tracker.swarms.Scrape;
import io.shoal.tracker.swarms.SwarmKey;
import io.shoal.tracker.swarms.SwarmLimits;
import io.shoal.tracker.swarms.Swarms;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Several replicas over a log that delays, reorders across partitions, delivers again what it delivered, and keeps what was
 * sent: whatever happened, when all of it has been heard all replicas hold the same. Clocks are turned, and differ a little.
 */
class ReplicasAgainstASimulatedLogTest {
    private static final int PARTITIONS = 4;
    private static final int LIFETIME = 1_000_000;
    private static final int TORRENTS = 12;
    private static final int HOSTS = 40;
    private static final List<Event> EVENTS = List.of(Event.values());

    private final List<List<byte[]>> log = new ArrayList<>();
    private final List<Replica> replicas = new ArrayList<>();
    private long now = (1L << 32) * 400 - 60_000;

    private final class Replica {
        final int number;
        final long skew;
        final Swarms swarms;
        final Members members;
        final Batches batches;
        final Inbox inbox;
        final ReplicationTraffic traffic = new ReplicationTraffic();
        final int[] heard = new int[PARTITIONS];
        final Reply reply = new Reply();

        Replica(int number, long skew, long sender) {
            this.number = number;
            this.skew = skew;
            this.swarms = new Swarms(new SwarmLimits(LIFETIME, LIFETIME, 100_000), sender, number);
            this.batches = new Batches(
                    PARTITIONS,
                    number,
                    sender,
                    this::clock,
                    (partition, frame, changes) -> log.get(partition).add(frame));
            this.members = new Members(
                    new SwarmLimits(LIFETIME, LIFETIME, 100_000),
                    new Ledger(100),
                    () -> new SplittableRandom(sender),
                    number);
            this.inbox = new Inbox(swarms, members, PARTITIONS, sender, this::clock, traffic);
        }

        long clock() {
            return now + skew;
        }

        void announce(SwarmKey torrent, Address address, int peer, long left, Event event) {
            swarms.announce(new Announce(torrent, address, 6881, peer, 0, 0, left, event, 200, true, clock()), reply);
        }

        /** Hears the next frame of a partition, if there is one; sometimes some frames again. */
        void hear(int partition, SplittableRandom random) throws BadFrameException {
            List<byte[]> frames = log.get(partition);
            if (heard[partition] < frames.size()) {
                inbox.take(partition, frames.get(heard[partition]++));
                while (random.nextInt(3) == 0) {
                    inbox.take(partition, frames.get(random.nextInt(heard[partition])));
                }
            }
        }

        void hearAll(SplittableRandom random) throws BadFrameException {
            for (int partition = 0; partition < PARTITIONS; partition++) {
                while (heard[partition] < log.get(partition).size()) {
                    hear(partition, random);
                }
            }
        }

        /** Who is in the swarm of {@code torrent}, and its numbers, without leaving a trace. */
        String swarm(SwarmKey torrent) {
            Scrape counts = swarms.scrape(torrent);
            Address asker = Address.ofV4(0x0b000001);
            announce(torrent, asker, 1, 5, Event.STARTED);
            TreeSet<String> peers = new TreeSet<>();
            collect(peers, reply.v4(), reply.v4Length(), Reply.V4_BYTES);
            collect(peers, reply.v6(), reply.v6Length(), Reply.V6_BYTES);
            announce(torrent, asker, 1, 5, Event.STOPPED);
            swarms.drain(change -> {});
            return counts + " " + peers;
        }

        private void collect(Set<String> peers, byte[] bytes, int length, int width) {
            for (int at = 0; at < length; at += width) {
                peers.add(HexFormat.of().formatHex(Arrays.copyOfRange(bytes, at, at + width)));
            }
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void row31AllThatHeardTheSameHoldTheSame(long seed) throws Exception {
        run(seed, false);
        assertAllHoldTheSame(seed);
    }

    /**
     * When a client gives way to another at its very address while word of it is under way, replicas may count one completion
     * more or less, until each has said what it counted.
     */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 36})
    void row31ClientsThatGiveWayToOthersAreTheSameEverywhereToo(long seed) throws Exception {
        run(seed, true);
        for (Replica replica : replicas) {
            for (int torrent = 0; torrent < TORRENTS; torrent++) {
                replica.announce(key(torrent), Address.ofV4(12 << 24 | replica.number), 1, 5, Event.STARTED);
                replica.announce(key(torrent), new Address(0x20010db9L << 32, replica.number), 2, 5, Event.STARTED);
            }
        }
        tellAll(new SplittableRandom(seed));
        assertAllHoldTheSame(seed);
    }

    @Test
    void row31WhatOneToldItselfIsNoNewsToIt() throws Exception {
        SplittableRandom random = new SplittableRandom(1);
        for (int partition = 0; partition < PARTITIONS; partition++) {
            log.add(new ArrayList<>());
        }
        Replica replica = new Replica(1, 0, 1);
        replica.announce(key(1), Address.ofV4(10 << 24 | 1), 1, 5, Event.STARTED);
        replica.batches.send(replica.swarms);
        now++;
        replica.announce(key(1), Address.ofV4(10 << 24 | 1), 1, 5, Event.STOPPED);
        replica.batches.send(replica.swarms);
        replica.hearAll(random);

        assertThat(replica.swarms.drain(
                        change -> assertThat(change).as("told again").isNull()))
                .isZero();
        assertThat(replica.traffic.of(ReplicationTraffic.Figure.FRAMES_RECEIVED))
                .isZero();
    }

    private void run(long seed, boolean newIds) throws Exception {
        SplittableRandom random = new SplittableRandom(seed);
        for (int partition = 0; partition < PARTITIONS; partition++) {
            log.add(new ArrayList<>());
        }
        for (int number = 0; number < 3; number++) {
            replicas.add(new Replica(number, random.nextInt(200), number + 1));
        }
        int starts = replicas.size();
        for (int step = 0; step < 12_000; step++) {
            now += random.nextInt(20);
            Replica replica = replicas.get(random.nextInt(replicas.size()));
            switch (random.nextInt(20)) {
                case 0, 1, 2, 3 -> replica.batches.send(replica.swarms);
                case 4, 5, 6, 7, 8, 9 -> replica.hear(random.nextInt(PARTITIONS), random);
                default -> announce(replica, newIds, random);
            }
            if (random.nextInt(4_000) == 0) {
                // One ends in good order, and another takes its number and reads what there is.
                replica.batches.send(replica.swarms);
                Replica successor = new Replica(replica.number, replica.skew, ++starts);
                successor.hearAll(random);
                replicas.set(replica.number, successor);
            }
        }
        tellAll(random);
        Replica late = new Replica(7, 0, 99);
        late.hearAll(random);
        replicas.add(late);
    }

    /** Until nothing is left to tell: word of a dispute is told, too. */
    private void tellAll(SplittableRandom random) throws Exception {
        for (int round = 0; round < 3; round++) {
            for (Replica replica : replicas) {
                replica.batches.send(replica.swarms);
            }
            for (Replica replica : replicas) {
                replica.hearAll(random);
            }
        }
    }

    private void assertAllHoldTheSame(long seed) {
        int alive = 0;
        for (int torrent = 0; torrent < TORRENTS; torrent++) {
            SwarmKey key = key(torrent);
            String first = replicas.getFirst().swarm(key);
            alive += replicas.getFirst().swarms.scrape(key).complete();
            for (Replica other : replicas) {
                assertThat(other.swarm(key))
                        .as("torrent %d at replica %d, seed %d", torrent, other.number, seed)
                        .isEqualTo(first);
            }
        }
        assertThat(alive).isGreaterThan(TORRENTS);
        assertThat(replicas.getFirst().traffic.of(ReplicationTraffic.Figure.FRAMES_REPEATED))
                .isPositive();
    }

    private static void announce(Replica replica, boolean newIds, SplittableRandom random) {
        int host = random.nextInt(HOSTS);
        Address address = host % 3 == 0 ? new Address(0x20010db800000000L, host) : Address.ofV4(10 << 24 | host);
        replica.announce(
                key(random.nextInt(TORRENTS)),
                address,
                newIds && random.nextInt(50) == 0 ? random.nextInt() : host,
                random.nextInt(2),
                EVENTS.get(random.nextInt(EVENTS.size())));
    }

    private static SwarmKey key(int torrent) {
        return new SwarmKey(torrent * 0x9E3779B97F4A7C15L, torrent, torrent);
    }
}
