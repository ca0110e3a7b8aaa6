package io.shoal.tracker.swarms;

import static org.assertj.core.api.Assertions.assertThat;

import io.shoal.tracker.networks.Address;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What one replica tells and what another makes of it, with a turned clock and no Kafka between. */
class SharedSwarmsTest {
    private static final int LIFETIME = 45 * 60_000;
    private static final int STOPPED = 5 * 60_000;
    private static final SwarmKey TORRENT = new SwarmKey(1, 2, 3);
    private static final Address PEER = SwarmsTest.v4(1);

    private final SwarmLimits swarmLimits = new SwarmLimits(LIFETIME, STOPPED, 100_000);
    private final Swarms a = new Swarms(swarmLimits, 1, 1);
    private final Swarms b = new Swarms(swarmLimits, 2, 2);
    private final Reply reply = new Reply();
    private long now = (1L << 32) * 400 - 1_000; // the packed time wraps around under way

    @Test
    void row31WhatIsAnnouncedHereIsGivenThere() {
        announce(a, PEER, 5, Event.STARTED);
        announce(a, SwarmsTest.v6(2), 0, Event.STARTED);
        announce(a, SwarmsTest.v4(3), 5, Event.PAUSED);
        tell(a, b);

        assertThat(b.scrape(TORRENT)).isEqualTo(a.scrape(TORRENT)).isEqualTo(new Scrape(1, 0, 2, 1));
        announce(b, SwarmsTest.v4(9), 5, Event.STARTED);
        assertThat(SwarmsTest.peers(reply))
                .containsExactlyInAnyOrder("10.0.0.1:1000", "[2001:db8:0:0:0:0:0:2]:1000", "10.0.0.3:1000");
    }

    @Test
    void row31APeerRenewedWellWithinItsLifetimeIsNotTold() {
        announce(a, PEER, 5, Event.STARTED);
        assertThat(drained(a)).hasSize(1);

        now += LIFETIME / 5;
        announce(a, PEER, 4, Event.NONE);
        assertThat(drained(a)).isEmpty();

        now += LIFETIME / 5;
        announce(a, PEER, 3, Event.NONE);
        assertThat(drained(a)).hasSize(1);
    }

    @Test
    void row31APeerThatIsRenewedEverywhereInTurnIsToldOnce() {
        announce(a, PEER, 5, Event.STARTED);
        tell(a, b);
        now += LIFETIME / 6;
        announce(b, PEER, 5, Event.NONE);

        assertThat(drained(b)).isEmpty();
    }

    @Test
    void row31WhatAnotherToldIsNotToldAgainWheneverThatWas() {
        for (int step = 0; step < 40; step++) {
            Address peer = SwarmsTest.v4(100 + step);
            for (Event event : List.of(Event.STARTED, Event.NONE)) {
                announce(a, peer, 5, event);
                tell(a, b);
                now += LIFETIME / 16;
                announce(b, peer, 5, Event.NONE);
                assertThat(drained(b)).as("step %d", step).isEmpty();
                now += LIFETIME / 2;
            }
        }
    }

    @Test
    void row31WhoKeepsComingOftenLivesEverywhere() {
        announce(a, PEER, 5, Event.STARTED);
        for (int minute = 0; minute < 300; minute += 10) {
            tell(a, b);
            now += 10 * 60_000;
            announce(a, PEER, 5, Event.NONE);
            b.expire(now);
            assertThat(b.scrape(TORRENT).incomplete()).as("minute %d", minute).isEqualTo(1);
        }
    }

    @Test
    void row31WhatWasLostOnTheWayIsToldAtThePeersNextRegularAnnounce() {
        announce(a, PEER, 5, Event.STARTED);
        tell(a, b);
        now += 1_000;
        announce(a, PEER, 0, Event.COMPLETED);
        announce(a, SwarmsTest.v4(2), 5, Event.STARTED);
        drained(a);
        assertThat(b.scrape(TORRENT)).isNotEqualTo(a.scrape(TORRENT));

        now += LIFETIME / 2; // regular announces are two thirds of a lifetime apart
        announce(a, PEER, 0, Event.NONE);
        announce(a, SwarmsTest.v4(2), 5, Event.NONE);
        tell(a, b);
        assertThat(b.scrape(TORRENT)).isEqualTo(a.scrape(TORRENT)).isEqualTo(new Scrape(1, 1, 1, 1));
    }

    @Test
    void row31TheLastWriterWinsWhateverComesFirst() {
        announce(a, PEER, 5, Event.STARTED);
        tell(a, b);
        now += 100;
        announce(a, PEER, 5, Event.PAUSED);
        List<Change> early = drained(a);
        now += 100;
        announce(b, PEER, 0, Event.NONE);
        List<Change> late = drained(b);

        apply(b, early);
        apply(a, late);
        assertThat(b.scrape(TORRENT)).isEqualTo(a.scrape(TORRENT)).isEqualTo(new Scrape(1, 0, 0, 0));
    }

    @Test
    void row31AmongEquallyLateOnesTheHigherReplicaWins() {
        announce(a, PEER, 5, Event.STARTED);
        announce(b, PEER, 0, Event.STARTED);
        List<Change> fromA = drained(a);
        List<Change> fromB = drained(b);
        apply(a, fromB);
        apply(b, fromA);

        assertThat(a.scrape(TORRENT)).isEqualTo(b.scrape(TORRENT)).isEqualTo(new Scrape(1, 0, 0, 0));
    }

    @Test
    void row31AReplicaWhoseClockIsBehindIsHeardAllTheSame() {
        now += 5_000;
        announce(a, PEER, 5, Event.STARTED);
        tell(a, b);
        now -= 5_000;
        announce(b, PEER, 0, Event.COMPLETED);
        tell(b, a);

        assertThat(b.scrape(TORRENT)).isEqualTo(a.scrape(TORRENT)).isEqualTo(new Scrape(1, 1, 0, 0));
    }

    @Test
    void row31AReplicaWhoseClockIsBehindIsHeardTheNextTimeToo() {
        now += 5_000;
        announce(a, PEER, 5, Event.STARTED);
        tell(a, b);
        now -= 5_000;
        announce(b, PEER, 0, Event.COMPLETED);
        now += 2_000;
        announce(b, PEER, 0, Event.STOPPED);
        assertThat(b.scrape(TORRENT)).isEqualTo(new Scrape(0, 1, 0, 0));
        tell(b, a);
        assertThat(a.scrape(TORRENT)).isEqualTo(new Scrape(0, 1, 0, 0));
    }

    @Test
    void row31ALaterAnnounceThatWasNotWorthTellingIsToldWhenAnotherSaysOtherwise() {
        announce(a, PEER, 5, Event.STARTED);
        tell(a, b);
        now += 1_000;
        announce(b, PEER, 5, Event.STOPPED);
        List<Change> late = drained(b);
        now += 1;
        announce(a, PEER, 5, Event.NONE);
        assertThat(drained(a)).isEmpty();

        apply(a, late);
        tell(a, b);
        assertThat(b.scrape(TORRENT)).isEqualTo(a.scrape(TORRENT)).isEqualTo(new Scrape(0, 0, 1, 1));
    }

    @Test
    void row16ACompletionCountsOnceWhicheverReplicasHearOfIt() {
        announce(a, PEER, 5, Event.STARTED);
        tell(a, b);
        announce(a, PEER, 0, Event.COMPLETED);
        announce(b, PEER, 0, Event.COMPLETED);
        List<Change> fromA = drained(a);
        List<Change> fromB = drained(b);
        for (int again = 0; again < 2; again++) {
            apply(a, fromB);
            apply(b, fromA);
        }
        announce(b, PEER, 0, Event.COMPLETED);
        tell(b, a);

        assertThat(a.scrape(TORRENT)).isEqualTo(b.scrape(TORRENT)).isEqualTo(new Scrape(1, 1, 0, 0));
    }

    @Test
    void row16TwoLeechesThatBecomeSeedsAtTwoReplicasCountTwice() {
        announce(a, PEER, 5, Event.STARTED);
        announce(a, SwarmsTest.v4(2), 5, Event.STARTED);
        tell(a, b);
        announce(a, PEER, 0, Event.COMPLETED);
        announce(b, SwarmsTest.v4(2), 0, Event.COMPLETED);
        List<Change> fromA = drained(a);
        tell(b, a);
        apply(b, fromA);

        assertThat(a.scrape(TORRENT)).isEqualTo(b.scrape(TORRENT)).isEqualTo(new Scrape(2, 2, 0, 0));
    }

    @Test
    void row16ANewReplicaLearnsWhatWasCountedBeforeItCame() {
        for (int host = 1; host <= 3; host++) {
            announce(a, SwarmsTest.v4(host), 5, Event.STARTED);
            announce(a, SwarmsTest.v4(host), 0, Event.COMPLETED);
        }
        drained(a);
        now += LIFETIME / 2;
        announce(a, SwarmsTest.v4(1), 0, Event.NONE);
        announce(a, SwarmsTest.v4(2), 0, Event.NONE);
        tell(a, b);

        assertThat(b.scrape(TORRENT)).isEqualTo(new Scrape(2, 3, 0, 0));
        announce(b, SwarmsTest.v4(1), 0, Event.COMPLETED);
        assertThat(b.scrape(TORRENT).downloaded())
                .as("who was counted there is not counted here")
                .isEqualTo(3);
    }

    @Test
    void row16DownloadedStaysAtTheMostThatAClientUnderstands() {
        announce(a, PEER, 5, Event.STARTED);
        announce(a, SwarmsTest.v4(2), 5, Event.STARTED);
        announce(a, SwarmsTest.v6(3), 5, Event.STARTED);
        tell(a, b);
        Change many = new Change(
                TORRENT, SwarmsTest.v4(4), 1_000, 7, PeerState.SEED, true, true, false, Integer.MAX_VALUE, now, 3);
        apply(a, List.of(many));

        announce(a, PEER, 0, Event.COMPLETED);
        assertThat(reply.counts().downloaded()).as("one more here").isEqualTo(Integer.MAX_VALUE);
        announce(b, SwarmsTest.v4(2), 0, Event.COMPLETED);
        tell(b, a);
        assertThat(a.scrape(TORRENT).downloaded()).as("one more there").isEqualTo(Integer.MAX_VALUE);
        announce(a, SwarmsTest.v6(3), 0, Event.COMPLETED);
        assertThat(reply.counts().downloaded()).as("one more over IPv6").isEqualTo(Integer.MAX_VALUE);
        tell(a, b);
        assertThat(b.scrape(TORRENT)).isEqualTo(new Scrape(3, Integer.MAX_VALUE, 0, 0));
    }

    @Test
    void row17AnOlderWordThatComesLateDoesNotResurrect() {
        announce(a, PEER, 5, Event.STARTED);
        List<Change> started = drained(a);
        apply(b, started);
        now += 1_000;
        announce(b, PEER, 5, Event.STOPPED);
        apply(b, started);
        assertThat(b.scrape(TORRENT)).isEqualTo(Scrape.NOTHING);

        Swarms c = new Swarms(swarmLimits, 3, 3);
        apply(c, drained(b));
        apply(c, started);
        assertThat(c.scrape(TORRENT)).as("the stop came first").isEqualTo(Scrape.NOTHING);
    }

    @Test
    void row17AStopThatIsNoLongerRememberedElsewhereIsNotTakenIn() {
        announce(a, PEER, 5, Event.STARTED);
        announce(a, PEER, 5, Event.STOPPED);
        Change stop = drained(a).getLast();
        assertThat(b.apply(stop, now + STOPPED + 1)).isFalse();
        assertThat(b.apply(stop, now + STOPPED)).isTrue();
    }

    @Test
    void row18ANewPeerIdReplacesEverywhereAndMayCompleteAnew() {
        announce(a, PEER, 5, Event.STARTED);
        announce(a, PEER, 0, Event.COMPLETED);
        tell(a, b);
        now++;
        a.announce(request(PEER, 222, 5, Event.STARTED), reply);
        tell(a, b);
        b.announce(request(PEER, 222, 0, Event.COMPLETED), reply);
        tell(b, a);

        assertThat(a.scrape(TORRENT)).isEqualTo(b.scrape(TORRENT)).isEqualTo(new Scrape(1, 2, 0, 0));
    }

    @Test
    void row19WhatIsOlderThanALifetimeOrComesFromTheFutureIsNotTakenIn() {
        announce(a, PEER, 5, Event.STARTED);
        List<Change> changes = drained(a);
        now += LIFETIME + 1;
        apply(b, changes);
        assertThat(b.scrape(TORRENT)).isEqualTo(Scrape.NOTHING);

        now -= 2 * LIFETIME;
        apply(b, changes);
        assertThat(b.scrape(TORRENT)).isEqualTo(Scrape.NOTHING);
    }

    @Test
    void whatNobodyFetchesIsBoundedAndCounted() {
        for (int host = 1; host <= Outbox.MOST + 10; host++) {
            announce(a, SwarmsTest.v4(host), 5, Event.STARTED);
        }
        List<Change> changes = new ArrayList<>();
        assertThat(a.drain(changes::add)).isEqualTo(10);
        assertThat(changes).hasSize(Outbox.MOST);
        assertThat(a.drain(changes::add)).isZero();
        assertThat(changes).hasSize(Outbox.MOST);
    }

    private void announce(Swarms swarms, Address address, long left, Event event) {
        swarms.announce(request(address, address.hashCode(), left, event), reply);
    }

    private Announce request(Address address, int peer, long left, Event event) {
        return new Announce(TORRENT, address, 1_000, peer, 0, 0, left, event, 50, true, now);
    }

    private static List<Change> drained(Swarms swarms) {
        List<Change> changes = new ArrayList<>();
        swarms.drain(changes::add);
        return changes;
    }

    private void tell(Swarms from, Swarms to) {
        apply(to, drained(from));
    }

    private void apply(Swarms swarms, List<Change> changes) {
        changes.forEach(change -> swarms.apply(change, now));
    }
}
