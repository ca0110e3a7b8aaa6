package io.shoal.tracker.members;

import static org.assertj.core.api.Assertions.assertThat;

import io.shoal.tracker.accounting.Ledger;
import io.shoal.tracker.accounting.Session;
import io.shoal.tracker.accounting.Totals;
import io.shoal.tracker.admission.Member;
import io.shoal.tracker.networks.Address;
import io.shoal.tracker.swarms.Announce;
import io.shoal.tracker.swarms.Event;
import io.shoal.tracker.swarms.PeerKey;
import io.shoal.tracker.swarms.Reply;
import io.shoal.tracker.swarms.Scrape;
import io.shoal.tracker.swarms.SwarmKey;
import io.shoal.tracker.swarms.SwarmLimits;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** Row 18, and rows 14 to 20 where they are the same in private swarms. */
class MembersTest {
    private static final int LIFETIME = 45 * 60_000;
    private static final int STOPPED = 5 * 60_000;
    private static final SwarmKey TORRENT = new SwarmKey(1, 2, 3);
    private static final UUID TENANT = new UUID(0, 1);
    private static final Member ANN = new Member(TENANT, new UUID(0, 11), 3);
    private static final Member BOB = new Member(TENANT, new UUID(0, 12), 3);

    private final SplittableRandom random = new SplittableRandom(7);
    private final Ledger ledger = new Ledger(1_000);
    private final Members members = new Members(new SwarmLimits(LIFETIME, STOPPED, 2_000), ledger, () -> random);
    private final Reply reply = new Reply();
    private long now = 1_000_000_000_000L;

    private AnnounceOutcome announce(Member member, int peer, Address address, int port, long left, Event event) {
        return announce(member, peer, address, port, 0, left, event, 50, now);
    }

    private AnnounceOutcome announce(
            Member member, int peer, Address address, int port, long up, long left, Event event, int wanted, long at) {
        return members.announce(
                member,
                new PeerKey(0, 0, peer),
                new Announce(TORRENT, address, port, 0, up, 0, left, event, wanted, true, at),
                reply);
    }

    private static Address v4(int host) {
        return Address.ofV4(10 << 24 | host);
    }

    private static Address v6(int host) {
        return new Address(0x20010db800000000L, host);
    }

    private List<String> peers() {
        List<String> peers = new ArrayList<>();
        ByteBuffer v4 = ByteBuffer.wrap(reply.v4(), 0, reply.v4Length());
        while (v4.hasRemaining()) {
            peers.add(Address.ofV4(v4.getInt()) + ":" + Short.toUnsignedInt(v4.getShort()));
        }
        ByteBuffer v6 = ByteBuffer.wrap(reply.v6(), 0, reply.v6Length());
        while (v6.hasRemaining()) {
            peers.add("[" + new Address(v6.getLong(), v6.getLong()) + "]:" + Short.toUnsignedInt(v6.getShort()));
        }
        return peers;
    }

    @Test
    void row18AnAnnounceFromANewAddressMovesThePeer() {
        announce(ANN, 1, v4(1), 1000, 5, Event.STARTED);
        now++;
        announce(ANN, 1, v4(9), 2000, 5, Event.NONE);
        assertThat(reply.counts()).isEqualTo(new Scrape(0, 0, 1, 1));

        announce(BOB, 2, v4(2), 1, 5, Event.STARTED);
        assertThat(peers()).containsExactly("10.0.0.9:2000");
    }

    @Test
    void row18APeerIsKnownByUserAndPeerId() {
        announce(ANN, 1, v4(1), 1000, 5, Event.STARTED);
        announce(BOB, 1, v4(2), 1000, 5, Event.STARTED);
        assertThat(reply.counts().incomplete()).isEqualTo(2);
        assertThat(peers()).containsExactly("10.0.0.1:1000");
        assertThat(reply.v4Peer(0)).isEqualTo(new PeerKey(0, 0, 1));
    }

    @Test
    void row18ANewPeerIdAtAUsersOldPlaceReplacesAndTakesNoPlaceMore() {
        for (int restart = 0; restart < 10; restart++) {
            assertThat(announce(ANN, restart, v4(1), 1000, 5, Event.STARTED)).isEqualTo(AnnounceOutcome.ANSWERED);
        }
        assertThat(reply.counts().incomplete()).isEqualTo(1);
        assertThat(members.peers()).isEqualTo(1);
    }

    @Test
    void row18AUserIsAtNoMorePlacesThanHeMay() {
        for (int peer = 1; peer <= 3; peer++) {
            assertThat(announce(ANN, peer, v4(peer), 1, 5, Event.STARTED)).isEqualTo(AnnounceOutcome.ANSWERED);
        }
        announce(BOB, 9, v4(9), 1, 5, Event.STARTED);
        assertThat(announce(ANN, 4, v4(4), 1, 5, Event.STARTED)).isEqualTo(AnnounceOutcome.TOO_MANY_LOCATIONS);
        assertThat(peers()).as("a refused client is given no peers").isEmpty();
        assertThat(members.scrape(ANN, TORRENT).incomplete()).isEqualTo(4);
        assertThat(announce(ANN, 2, v4(2), 1, 5, Event.NONE))
                .as("who is in stays in")
                .isEqualTo(AnnounceOutcome.ANSWERED);

        now++;
        announce(ANN, 1, v4(1), 1, 5, Event.STOPPED);
        assertThat(announce(ANN, 4, v4(4), 1, 5, Event.STARTED)).isEqualTo(AnnounceOutcome.ANSWERED);
        assertThat(announce(ANN, 1, v4(1), 1, 5, Event.STARTED)).isEqualTo(AnnounceOutcome.TOO_MANY_LOCATIONS);
        now += LIFETIME + 1;
        assertThat(announce(ANN, 1, v4(1), 1, 5, Event.STARTED))
                .as("places of the silent are free")
                .isEqualTo(AnnounceOutcome.ANSWERED);
    }

    @Test
    void row18BothAddressesOfAClientAreOnePlace() {
        Member single = new Member(TENANT, new UUID(0, 13), 1);
        announce(single, 1, v4(1), 1000, 5, Event.STARTED);
        assertThat(announce(single, 1, v6(1), 1000, 5, Event.STARTED)).isEqualTo(AnnounceOutcome.ANSWERED);
        assertThat(peers()).as("a client is never given itself").isEmpty();
        announce(BOB, 2, v4(2), 1, 5, Event.STARTED);
        assertThat(reply.counts().incomplete()).isEqualTo(2);
        assertThat(peers()).containsExactlyInAnyOrder("10.0.0.1:1000", "[2001:db8:0:0:0:0:0:1]:1000");

        now += LIFETIME / 2;
        announce(single, 1, v6(1), 1000, 5, Event.NONE);
        now += LIFETIME / 2 + 1;
        members.expire(now);
        announce(BOB, 2, v4(2), 1, 5, Event.NONE);
        assertThat(peers()).as("an address that is no longer used").containsExactly("[2001:db8:0:0:0:0:0:1]:1000");
    }

    @Test
    void row17OlderAnnouncesChangeNothingAndStoppedRemoves() {
        announce(ANN, 1, v4(1), 1, 0, 5, Event.STARTED, 50, now);
        announce(ANN, 1, v4(1), 1, 0, 5, Event.STOPPED, 50, now + 10);
        assertThat(reply.counts()).isEqualTo(Scrape.NOTHING);
        announce(ANN, 1, v4(1), 1, 0, 5, Event.NONE, 50, now + 5);
        assertThat(reply.counts()).as("a removed peer does not return").isEqualTo(Scrape.NOTHING);
        announce(ANN, 1, v4(1), 1, 0, 5, Event.STOPPED, 50, now + 20);
        announce(ANN, 77, v4(7), 1, 0, 5, Event.STOPPED, 50, now + 20);
        assertThat(reply.counts()).isEqualTo(Scrape.NOTHING);
        announce(ANN, 1, v4(1), 1, 0, 5, Event.STARTED, 50, now + 30);
        assertThat(reply.counts().incomplete()).isEqualTo(1);
    }

    @Test
    void row15SeedsAreGivenLeechesOnlyAndTheStoppedNobody() {
        announce(ANN, 1, v4(1), 1, 0, Event.STARTED);
        announce(ANN, 2, v4(2), 2, 5, Event.PAUSED);
        announce(BOB, 3, v4(3), 3, 5, Event.STARTED);
        assertThat(peers()).containsExactlyInAnyOrder("10.0.0.1:1", "10.0.0.2:2");
        announce(BOB, 4, v4(4), 4, 0, Event.STARTED);
        assertThat(peers()).containsExactly("10.0.0.3:3");
        assertThat(reply.counts()).isEqualTo(new Scrape(2, 0, 2, 1));
        now++;
        announce(BOB, 3, v4(3), 3, 5, Event.STOPPED);
        assertThat(peers()).isEmpty();
    }

    @Test
    void row15LeechesGetAUniformRandomChoice() {
        int population = 1_000;
        for (int peer = 1; peer <= population; peer++) {
            Member member = new Member(TENANT, new UUID(1, peer), 1);
            announce(member, peer, v4(peer), peer, peer % 3 == 0 ? 0 : 5, Event.STARTED);
        }
        int[] given = new int[population + 1];
        for (int ask = 0; ask < 200; ask++) {
            now++;
            announce(ANN, 5_000, v4(5_000), 5_000, 5, Event.NONE);
            assertThat(new HashSet<>(peers())).hasSize(50);
            peers().forEach(peer -> given[Integer.parseInt(peer.substring(peer.indexOf(':') + 1))]++);
        }
        double expected = 200 * 50 / (double) population;
        double chiSquare = 0;
        for (int peer = 1; peer <= population; peer++) {
            chiSquare += (given[peer] - expected) * (given[peer] - expected) / expected;
        }
        // 999 degrees of freedom: mean 999, standard deviation 45.
        assertThat(chiSquare).isBetween(999 - 5 * 45.0, 999 + 5 * 45.0);
    }

    @Test
    void row16DownloadedCountsALeechThatBecameASeedOnce() {
        announce(ANN, 1, v4(1), 1, 5, Event.STARTED);
        for (int repeat = 0; repeat < 3; repeat++) {
            now++;
            announce(ANN, 1, v4(1), 1, 0, Event.COMPLETED);
            assertThat(reply.counts()).isEqualTo(new Scrape(1, 1, 0, 0));
        }
        for (int repeat = 0; repeat < 2; repeat++) {
            now++;
            announce(BOB, 2, v4(2), 2, 0, Event.COMPLETED);
            assertThat(reply.counts().downloaded()).as("was never a leech").isEqualTo(1);
        }
    }

    @Test
    void row19PeersExpireWithoutTrafficAndEmptySwarmsAreFreed() {
        announce(ANN, 1, v4(1), 1, 5, Event.STARTED);
        announce(BOB, 2, v4(2), 2, 5, Event.STARTED);
        now += LIFETIME;
        announce(BOB, 2, v4(2), 2, 5, Event.NONE);
        now += 1;
        members.expire(now);
        assertThat(members.scrape(ANN, TORRENT).incomplete()).isEqualTo(1);
        assertThat(members.peers()).isEqualTo(1);
        announce(BOB, 2, v4(2), 2, 5, Event.STOPPED);
        now += STOPPED + 1;
        members.expire(now);
        assertThat(members.peers()).isZero();
        assertThat(members.swarms()).isZero();
    }

    @Test
    void row20AFamilyOfALargeSwarmLeavesRoomForTheOther() {
        for (int peer = 1; peer <= 100; peer++) {
            Member member = new Member(TENANT, new UUID(1, peer), 1);
            announce(member, peer, peer % 2 == 0 ? v4(peer) : v6(peer), peer, 5, Event.STARTED);
        }
        announce(ANN, 5_000, v4(5_000), 5_000, 0, 5, Event.NONE, 40, now);
        assertThat(reply.v4Length()).isEqualTo(30 * Reply.V4_BYTES);
        assertThat(reply.v6Length()).isEqualTo(10 * Reply.V6_BYTES);
        members.announce(
                ANN,
                new PeerKey(0, 0, 5_000),
                new Announce(TORRENT, v4(5_000), 5_000, 0, 0, 0, 5, Event.NONE, 40, false, now),
                reply);
        assertThat(reply.v4Length()).as("without room for the other").isEqualTo(40 * Reply.V4_BYTES);
        assertThat(reply.v6Length()).isZero();
    }

    @Test
    void eachTenantHasItsOwnSwarm() {
        Member other = new Member(new UUID(0, 2), new UUID(0, 11), 3);
        announce(ANN, 1, v4(1), 1, 5, Event.STARTED);
        announce(other, 2, v4(2), 2, 5, Event.STARTED);
        assertThat(peers()).isEmpty();
        assertThat(reply.counts().incomplete()).isEqualTo(1);
        assertThat(members.swarms()).isEqualTo(2);
    }

    @Test
    void whoDoesNotFitIsAnsweredAndNotRemembered() {
        for (int tenant = 1; tenant <= 2; tenant++) {
            fill(new UUID(0, tenant));
        }
        UUID third = new UUID(0, 3);
        assertThat(announce(new Member(third, new UUID(3, 1), 1), 5_000, v4(5_000), 1, 5, Event.STARTED))
                .isEqualTo(AnnounceOutcome.NOT_REMEMBERED);
        assertThat(announce(ANN, 5_000, v4(5_000), 1, 5, Event.STARTED)).isEqualTo(AnnounceOutcome.NOT_REMEMBERED);
        assertThat(peers()).hasSize(50);
        assertThat(reply.counts().incomplete()).isEqualTo(1_000);
        assertThat(members.notRemembered()).isEqualTo(2);
        assertThat(members.peers()).isEqualTo(2_000);
    }

    @Test
    void oneTenantLeavesHalfOfTheRoomToOthers() {
        fill(TENANT);
        assertThat(announce(ANN, 5_000, v4(5_000), 1, 5, Event.STARTED)).isEqualTo(AnnounceOutcome.NOT_REMEMBERED);
        Member other = new Member(new UUID(0, 2), new UUID(0, 21), 3);
        assertThat(announce(other, 5_000, v4(5_000), 1, 5, Event.STARTED)).isEqualTo(AnnounceOutcome.ANSWERED);
        now += LIFETIME + 1;
        members.expire(now);
        assertThat(announce(ANN, 5_000, v4(5_000), 1, 5, Event.STARTED)).isEqualTo(AnnounceOutcome.ANSWERED);
    }

    /** As many peers of {@code tenant} as it may have, each of another user. */
    private void fill(UUID tenant) {
        for (int peer = 1; peer <= 1_000; peer++) {
            announce(
                    new Member(tenant, new UUID(tenant.getLeastSignificantBits(), peer), 1),
                    peer,
                    v4(peer),
                    1,
                    5,
                    Event.STARTED);
        }
    }

    @Test
    void whoStartsAndStopsAllTheTimeTakesNoMemory() {
        for (int peer = 1; peer <= 1_000; peer++) {
            now++;
            announce(ANN, peer, v4(peer), 1, 5, Event.STARTED);
            now++;
            announce(ANN, peer, v4(peer), 1, 5, Event.STOPPED);
        }
        assertThat(members.peers()).isLessThanOrEqualTo(6);
    }

    @Test
    void aSessionsTotalsAreExactHoweverOftenAPacketComes() {
        long start = now;
        announce(ANN, 1, v4(1), 1, 0, 5, Event.STARTED, 50, now);
        announce(ANN, 1, v4(1), 1, 0, 5, Event.STARTED, 50, now);
        long first = now + 1_000;
        announce(ANN, 1, v4(1), 1, 100, 0, Event.COMPLETED, 50, first);
        announce(ANN, 1, v4(1), 1, 250, 0, Event.NONE, 50, now + 61_000);
        announce(ANN, 1, v4(1), 1, 100, 0, Event.COMPLETED, 50, now + 62_000);
        assertThat(reply.counts()).isEqualTo(new Scrape(1, 1, 0, 0));
        announce(ANN, 1, v4(1), 1, 300, 0, Event.STOPPED, 50, now + 71_000);

        Session session = new Session(TENANT, ANN.user(), TORRENT, new PeerKey(0, 0, 1), start);
        assertThat(ledger.take()).isEqualTo(Map.of(session, new Totals(300, 0, 70_000, now + 71_000)));
    }

    @Test
    void aClientWhoseCountersBeginAgainHasTwoSessions() {
        announce(ANN, 1, v4(1), 1, 0, 5, Event.STARTED, 50, now);
        announce(ANN, 1, v4(1), 1, 400, 5, Event.NONE, 50, now + 1_000);
        announce(ANN, 1, v4(1), 1, 0, 5, Event.STARTED, 50, now + 200_000);
        announce(ANN, 1, v4(1), 1, 30, 5, Event.NONE, 50, now + 300_000);
        assertThat(ledger.take().values().stream().mapToLong(Totals::uploaded).sum())
                .isEqualTo(430);
    }
}
