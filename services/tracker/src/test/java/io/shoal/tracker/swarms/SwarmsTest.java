package io.shoal.tracker.swarms;

import static org.assertj.core.api.Assertions.assertThat;

import io.shoal.tracker.networks.Address;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import org.junit.jupiter.api.Test;

class SwarmsTest {
    private static final int LIFETIME = 45 * 60_000;
    private static final int STOPPED = 5 * 60_000;
    private static final SwarmKey TORRENT = new SwarmKey(1, 2, 3);

    private final Swarms swarms = new Swarms(new SwarmLimits(LIFETIME, STOPPED, 100_000), 42);
    private final Reply reply = new Reply();
    private long now = 1_000_000_000_000L;

    @Test
    void row14NobodyIsGivenHimselfAndCountsIncludeTheAsker() {
        announce(v4(1), 1000, 5, Event.STARTED);

        assertThat(peers()).isEmpty();
        assertThat(reply.counts()).isEqualTo(new Scrape(0, 0, 1, 1));

        announce(v4(2), 2000, 5, Event.STARTED);

        assertThat(peers()).containsExactly("10.0.0.1:1000");
        assertThat(reply.counts()).isEqualTo(new Scrape(0, 0, 2, 2));
    }

    @Test
    void row14TheStoppedAreNeitherCountedNorGiven() {
        announce(v4(1), 1000, 5, Event.STARTED);
        announce(v4(2), 2000, 0, Event.STARTED);

        announce(v4(2), 2000, 0, Event.STOPPED);

        assertThat(reply.counts()).isEqualTo(new Scrape(0, 0, 1, 1));
        assertThat(peers()).isEmpty();
        announce(v4(1), 1000, 5, Event.NONE);
        assertThat(peers()).isEmpty();
    }

    @Test
    void row14OneClientAtBothItsAddressesIsNotGivenHimself() {
        announce(v4(1), 1000, 77, 5, Event.STARTED, 50);
        announce(v6(1), 1000, 77, 5, Event.STARTED, 50);

        assertThat(peers()).isEmpty();
        announce(v6(2), 1000, 78, 5, Event.STARTED, 50);
        assertThat(peers()).containsExactlyInAnyOrder("10.0.0.1:1000", "[2001:db8:0:0:0:0:0:1]:1000");
    }

    @Test
    void row15SeedsAreGivenLeechesOnly() {
        announce(v4(1), 1, 0, Event.STARTED);
        announce(v4(2), 2, 5, Event.STARTED);
        announce(v4(3), 3, 0, Event.STARTED);

        assertThat(peers()).containsExactly("10.0.0.2:2");
        announce(v4(2), 2, 5, Event.NONE);
        assertThat(peers()).containsExactlyInAnyOrder("10.0.0.1:1", "10.0.0.3:3");
    }

    @Test
    void row15LeechesGetAUniformRandomChoice() {
        int population = 1_000;
        for (int i = 1; i <= population; i++) {
            announce(v4(i), i, i % 3 == 0 ? 0 : 5, Event.STARTED);
        }
        int[] given = new int[population + 1];
        for (int ask = 0; ask < 200; ask++) {
            now++;
            announce(v4(5_000), 5_000, 5, Event.NONE);
            assertThat(new HashSet<>(peers())).hasSize(50);
            peers().forEach(peer -> given[Integer.parseInt(peer.substring(peer.indexOf(':') + 1))]++);
        }
        double expected = 200.0 * 50 / population;
        double chiSquare = 0;
        for (int i = 1; i <= population; i++) {
            chiSquare += (given[i] - expected) * (given[i] - expected) / expected;
        }
        // 999 degrees of freedom: one in a million runs of an even choice is above 1,225 or below 795.
        assertThat(chiSquare).isBetween(795.0, 1_225.0);
    }

    /** As many announces as it takes to see that a place at the end of the choice's parts is drawn as often as others. */
    @Test
    void row15NoPlaceInASwarmIsPreferred() {
        int population = 1_000;
        for (int i = 1; i <= population; i++) {
            announce(v4(i), i, 5, Event.STARTED);
        }
        int asks = 4_000;
        int[] given = new int[population + 1];
        for (int ask = 0; ask < asks; ask++) {
            announce(v4(5_000), 5_000, 5, Event.NONE);
            ByteBuffer peers = ByteBuffer.wrap(reply.v4(), 0, reply.v4Length());
            while (peers.hasRemaining()) {
                peers.getInt();
                given[peers.getShort()]++;
            }
        }
        double expected = asks * 50.0 / population;
        double chiSquare = 0;
        for (int i = 1; i <= population; i++) {
            chiSquare += (given[i] - expected) * (given[i] - expected) / expected;
        }
        // As above.
        assertThat(chiSquare).isBetween(795.0, 1_225.0);
    }

    @Test
    void row16ACompletionCountsOncePerLeechThatBecameASeed() {
        announce(v4(1), 1, 5, Event.STARTED);
        announce(v4(1), 1, 0, Event.COMPLETED);
        assertThat(reply.counts().downloaded()).isEqualTo(1);

        announce(v4(1), 1, 0, Event.COMPLETED);
        announce(v4(1), 1, 0, Event.NONE);
        announce(v4(1), 1, 5, Event.NONE);
        announce(v4(1), 1, 0, Event.COMPLETED);
        assertThat(reply.counts().downloaded()).isEqualTo(1);

        announce(v4(2), 2, 0, Event.COMPLETED);
        assertThat(reply.counts().downloaded())
                .as("a stranger was never a leech")
                .isEqualTo(1);
        announce(v4(3), 3, 9, Event.STARTED);
        announce(v4(3), 3, 9, Event.COMPLETED);
        assertThat(reply.counts().downloaded())
                .as("who lacks something is no seed")
                .isEqualTo(1);
    }

    @Test
    void row16ACompletionThatIsSentAgainAfterTheStopDoesNotCountAgain() {
        announce(v4(1), 1, 5, Event.STARTED);
        announce(v4(1), 1, 0, Event.COMPLETED);
        announce(v4(1), 1, 0, Event.STOPPED);
        announce(v4(1), 1, 0, Event.COMPLETED);

        assertThat(reply.counts().downloaded()).isEqualTo(1);
    }

    @Test
    void row17StoppedOfAStrangerAndStoppedTwiceSucceed() {
        announce(v4(1), 1, 5, Event.STOPPED);
        assertThat(reply.counts()).isEqualTo(Scrape.NOTHING);

        announce(v4(1), 1, 5, Event.STARTED);
        announce(v4(1), 1, 5, Event.STOPPED);
        announce(v4(1), 1, 5, Event.STOPPED);
        assertThat(reply.counts()).isEqualTo(Scrape.NOTHING);
    }

    @Test
    void row17AnOlderAnnounceThatArrivesLateDoesNotResurrect() {
        announce(v4(1), 1, 5, Event.STARTED);
        now += 20;
        announce(v4(1), 1, 5, Event.STOPPED);
        now -= 10;
        announce(v4(1), 1, 5, Event.NONE);
        assertThat(swarms.scrape(TORRENT)).isEqualTo(Scrape.NOTHING);

        now += 20;
        announce(v4(1), 1, 5, Event.STARTED);
        assertThat(swarms.scrape(TORRENT).incomplete()).isEqualTo(1);
    }

    @Test
    void row18ANewPeerIdAtTheSameAddressReplaces() {
        announce(v4(1), 1, 111, 5, Event.STARTED, 50);
        announce(v4(1), 1, 111, 0, Event.COMPLETED, 50);
        announce(v4(1), 1, 222, 7, Event.STARTED, 50);

        assertThat(reply.counts()).isEqualTo(new Scrape(0, 1, 1, 1));
        announce(v4(1), 1, 222, 0, Event.COMPLETED, 50);
        assertThat(reply.counts()).as("another client, another download").isEqualTo(new Scrape(1, 2, 0, 0));
    }

    @Test
    void row19PeersExpireWithoutTrafficAndEmptySwarmsAreFreed() {
        announce(v4(1), 1, 5, Event.STARTED);
        announce(v6(1), 1, 5, Event.STARTED);
        now += LIFETIME / 2;
        announce(v4(2), 2, 5, Event.STARTED);
        now += LIFETIME / 2 + 1;

        swarms.expire(now);
        assertThat(swarms.scrape(TORRENT).incomplete()).isEqualTo(1);
        assertThat(swarms.totals().swarms()).isEqualTo(1);

        now += LIFETIME;
        swarms.expire(now);
        assertThat(swarms.totals()).isEqualTo(SwarmTotals.NONE);
    }

    @Test
    void row19ARoomThatWasGivenBackIsTakenAgain() {
        Swarms small = new Swarms(new SwarmLimits(LIFETIME, STOPPED, 2), 1);
        for (int i = 1; i <= 3; i++) {
            small.announce(request(v4(i), i, 0, 5, Event.STARTED, 50), reply);
        }
        assertThat(small.notRemembered()).isEqualTo(1);
        assertThat(small.scrape(TORRENT).incomplete()).isEqualTo(2);
        assertThat(peers()).as("answered all the same").hasSize(2);

        now += LIFETIME + 1;
        small.expire(now);
        small.announce(request(v4(4), 4, 0, 5, Event.STARTED, 50), reply);
        assertThat(small.scrape(TORRENT).incomplete()).isEqualTo(1);
    }

    @Test
    void row20EachFamilyIsGivenBothButUdpOnlyItsOwn() {
        announce(v4(1), 1, 5, Event.STARTED);
        announce(v6(2), 2, 5, Event.STARTED);
        assertThat(peers()).containsExactly("10.0.0.1:1");
        announce(v4(3), 3, 5, Event.STARTED);
        assertThat(peers()).containsExactlyInAnyOrder("10.0.0.1:1", "[2001:db8:0:0:0:0:0:2]:2");
        assertThat(reply.counts().incomplete()).isEqualTo(3);

        swarms.announce(new Announce(TORRENT, v6(4), 4, 0, 0, 0, 5, Event.STARTED, 50, false, now), reply);
        assertThat(peers()).containsExactly("[2001:db8:0:0:0:0:0:2]:2");
        assertThat(reply.counts().incomplete()).isEqualTo(4);
    }

    @Test
    void row20ALargeSwarmsFamiliesDoNotPart() {
        for (int i = 1; i <= 100; i++) {
            announce(v4(i), i, 5, Event.STARTED);
            announce(v6(i), i, 5, Event.STARTED);
        }
        assertThat(reply.v4Length() / Reply.V4_BYTES).isEqualTo(12);
        assertThat(reply.v6Length() / Reply.V6_BYTES).isEqualTo(38);
    }

    @Test
    void row21AScrapeCountsPartialSeedsAmongTheIncompleteAndChangesNothing() {
        announce(v4(1), 1, 5, Event.STARTED);
        announce(v4(2), 2, 5, Event.PAUSED);
        announce(v4(3), 3, 0, Event.STARTED);
        SwarmTotals before = swarms.totals();

        assertThat(swarms.scrape(TORRENT)).isEqualTo(new Scrape(1, 0, 2, 1));
        assertThat(swarms.scrape(new SwarmKey(9, 9, 9))).isEqualTo(Scrape.NOTHING);
        assertThat(swarms.totals()).isEqualTo(before);
    }

    @Test
    void aPartialSeedIsGivenToLeechesAndIsGivenLeechesOnly() {
        announce(v4(1), 1, 5, Event.STARTED);
        announce(v4(2), 2, 0, Event.STARTED);
        announce(v4(3), 3, 5, Event.PAUSED);
        assertThat(peers()).containsExactly("10.0.0.1:1");
        announce(v4(1), 1, 5, Event.NONE);
        assertThat(peers()).containsExactlyInAnyOrder("10.0.0.2:2", "10.0.0.3:3");
        announce(v4(2), 2, 0, Event.NONE);
        assertThat(peers()).containsExactly("10.0.0.1:1");
    }

    @Test
    void twoTorrentsHaveTwoSwarms() {
        announce(v4(1), 1, 5, Event.STARTED);
        swarms.announce(new Announce(new SwarmKey(1, 2, 4), v4(2), 2, 0, 0, 0, 5, Event.STARTED, 50, true, now), reply);

        assertThat(peers()).isEmpty();
        assertThat(swarms.totals().swarms()).isEqualTo(2);
    }

    private void announce(Address address, int port, long left, Event event) {
        announce(address, port, address.hashCode() * 31 + port, left, event, 50);
    }

    private void announce(Address address, int port, int peer, long left, Event event, int wanted) {
        swarms.announce(request(address, port, peer, left, event, wanted), reply);
    }

    private Announce request(Address address, int port, int peer, long left, Event event, int wanted) {
        return new Announce(TORRENT, address, port, peer, 0, 0, left, event, wanted, true, now);
    }

    static Address v4(int host) {
        return Address.ofV4(10 << 24 | host);
    }

    static Address v6(int host) {
        return new Address(0x20010db800000000L, host);
    }

    private List<String> peers() {
        return peers(reply);
    }

    static List<String> peers(Reply reply) {
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
}
