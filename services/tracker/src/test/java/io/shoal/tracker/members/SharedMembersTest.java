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
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Row 31 for private swarms: two replicas tell each other, and a client may announce to either. */
class SharedMembersTest {
    private static final int LIFETIME = 45 * 60_000;
    private static final int STOPPED = 5 * 60_000;
    private static final SwarmKey TORRENT = new SwarmKey(1, 2, 3);
    private static final Member ANN = new Member(new UUID(0, 1), new UUID(0, 11), 2);
    private static final Address HOME = Address.ofV4(0x0a000001);

    private final Ledger ledger = new Ledger(1_000);
    private final SplittableRandom random = new SplittableRandom(5);
    private final Members a = replica(1);
    private final Members b = replica(2);
    private final Reply reply = new Reply();
    private long now = 1_000_000_000_000L;

    private Members replica(int number) {
        return new Members(new SwarmLimits(LIFETIME, STOPPED, 1_000), ledger, () -> random, number);
    }

    private AnnounceOutcome announce(Members at, int peer, Address address, long up, long left, Event event) {
        return at.announce(
                ANN,
                new PeerKey(0, 0, peer),
                new Announce(TORRENT, address, 6881, 0, up, 0, left, event, 50, true, now),
                reply);
    }

    private List<MemberChange> tell(Members from, Members to) {
        List<MemberChange> told = from.drain();
        told.forEach(change -> to.apply(change, now));
        return told;
    }

    @Test
    void row31APeerIsKnownAtBothMovesAtBothAndLeavesBoth() {
        announce(a, 1, HOME, 0, 5, Event.STARTED);
        tell(a, b);
        assertThat(b.scrape(ANN, TORRENT)).isEqualTo(new Scrape(0, 0, 1, 1));

        now += 1_000;
        Address elsewhere = Address.ofV4(0x0a000002);
        announce(b, 1, elsewhere, 0, 0, Event.COMPLETED);
        tell(b, a);
        assertThat(a.scrape(ANN, TORRENT)).isEqualTo(new Scrape(1, 1, 0, 0));
        announce(a, 2, Address.ofV4(0x0a000003), 0, 5, Event.STARTED);
        assertThat(reply.v4()).startsWith(10, 0, 0, 2);

        now += 1_000;
        announce(a, 1, elsewhere, 0, 0, Event.STOPPED);
        tell(a, b);
        assertThat(b.scrape(ANN, TORRENT)).isEqualTo(new Scrape(0, 1, 1, 1));
    }

    @Test
    void row31WhatComesAgainOrOutOfOrderDoesNoHarm() {
        announce(a, 1, HOME, 0, 5, Event.STARTED);
        List<MemberChange> changes = new ArrayList<>(tell(a, b));
        now += 1_000;
        announce(a, 1, HOME, 0, 0, Event.COMPLETED);
        changes.addAll(tell(a, b));
        now += 1_000;
        announce(a, 1, HOME, 0, 0, Event.STOPPED);
        changes.addAll(tell(a, b));
        for (int round = 0; round < 3; round++) {
            for (MemberChange change : changes) {
                assertThat(b.apply(change, now)).isFalse();
            }
        }
        assertThat(b.scrape(ANN, TORRENT)).isEqualTo(new Scrape(0, 1, 0, 0));
        assertThat(b.peers()).isEqualTo(1);
        Members late = replica(3);
        changes.reversed().forEach(change -> late.apply(change, now));
        assertThat(late.scrape(ANN, TORRENT)).isEqualTo(new Scrape(0, 1, 0, 0));
    }

    @Test
    void row31AmongEquallyLateOnesTheHigherReplicaWins() {
        announce(a, 1, HOME, 0, 5, Event.STARTED);
        announce(b, 1, HOME, 0, 0, Event.STARTED);
        List<MemberChange> fromA = a.drain();
        tell(b, a);
        fromA.forEach(change -> b.apply(change, now));

        assertThat(a.scrape(ANN, TORRENT)).isEqualTo(b.scrape(ANN, TORRENT)).isEqualTo(new Scrape(1, 0, 0, 0));
    }

    @Test
    void row31ASessionGoesOnAtAnotherReplicaAndAfterARestartToTheByte() {
        long start = now;
        announce(a, 1, HOME, 0, 0, Event.STARTED);
        now += 10_000;
        announce(a, 1, HOME, 100, 0, Event.NONE);
        tell(a, b);
        now += 10_000;
        announce(b, 1, HOME, 250, 0, Event.NONE);
        Members restarted = replica(1);
        tell(b, restarted);
        now += 10_000;
        announce(restarted, 1, HOME, 300, 0, Event.STOPPED);
        Session session = new Session(ANN.tenant(), ANN.user(), TORRENT, new PeerKey(0, 0, 1), start);
        assertThat(ledger.take()).isEqualTo(Map.of(session, new Totals(300, 0, 30_000, now)));
    }

    @Test
    void row31PlacesAreCountedOverAllReplicas() {
        announce(a, 1, Address.ofV4(0x0a000001), 0, 5, Event.STARTED);
        announce(b, 2, Address.ofV4(0x0a000002), 0, 5, Event.STARTED);
        tell(a, b);
        tell(b, a);
        for (Members replica : List.of(a, b)) {
            assertThat(announce(replica, 3, Address.ofV4(0x0a000003), 0, 5, Event.STARTED))
                    .isEqualTo(AnnounceOutcome.TOO_MANY_LOCATIONS);
        }
    }

    @Test
    void row31AClientThatWasStartedAgainAtAnotherReplicaIsOne() {
        announce(a, 1, HOME, 0, 5, Event.STARTED);
        tell(a, b);
        now += 1_000;
        announce(b, 2, HOME, 0, 5, Event.STARTED);
        tell(b, a);
        assertThat(a.scrape(ANN, TORRENT).incomplete()).isEqualTo(1);
        assertThat(b.scrape(ANN, TORRENT).incomplete()).isEqualTo(1);
    }

    @Test
    void row31WhoWasReplacedDoesNotComeBackWithALateChange() {
        announce(a, 1, HOME, 0, 5, Event.STARTED);
        List<MemberChange> late = a.drain();
        now += 1_000;
        announce(b, 2, HOME, 0, 5, Event.STARTED);
        assertThat(b.apply(late.getFirst(), now)).isFalse();
        assertThat(b.scrape(ANN, TORRENT).incomplete()).isEqualTo(1);
        now += 1_000;
        announce(b, 2, HOME, 0, 5, Event.STOPPED);
        assertThat(b.apply(late.getFirst(), now)).isFalse();
        assertThat(b.scrape(ANN, TORRENT)).isEqualTo(Scrape.NOTHING);
    }

    @Test
    void row31AClockThatIsAheadDoesNotMakeAReplicaDeaf() {
        aIsAheadBy(5_000);
        announce(b, 1, HOME, 0, 5, Event.STOPPED);
        assertThat(b.scrape(ANN, TORRENT)).isEqualTo(Scrape.NOTHING);
        tell(b, a);
        assertThat(a.scrape(ANN, TORRENT)).isEqualTo(Scrape.NOTHING);
    }

    @ParameterizedTest
    @CsvSource({"300, 1", "300, 299", "5000, 1", "5000, 1000", "5000, 4500", "59000, 58900"})
    void row31AClockThatIsAheadDoesNotMakeAReplicaDeafLaterEither(int ahead, int later) {
        aIsAheadBy(ahead);
        long start = now + ahead;
        announce(b, 1, HOME, 40, 5, Event.NONE);
        now += later;
        announce(b, 1, HOME, 70, 5, Event.STOPPED);
        assertThat(b.scrape(ANN, TORRENT)).isEqualTo(Scrape.NOTHING);
        tell(b, a);
        assertThat(a.scrape(ANN, TORRENT)).isEqualTo(Scrape.NOTHING);
        Session session = new Session(ANN.tenant(), ANN.user(), TORRENT, new PeerKey(0, 0, 1), start);
        assertThat(ledger.take().get(session)).extracting(Totals::uploaded).isEqualTo(70L);
    }

    @ParameterizedTest
    @ValueSource(ints = {300, 5_000, 59_000})
    void row17WhatWasOvertakenDoesNotResurrectWhereAnotherClockIsAheadEither(int ahead) {
        aIsAheadBy(ahead);
        now += 10;
        announce(b, 1, HOME, 0, 5, Event.STOPPED);
        now -= 1;
        announce(b, 1, HOME, 0, 5, Event.NONE);
        assertThat(b.scrape(ANN, TORRENT)).isEqualTo(Scrape.NOTHING);
    }

    /** Replica {@code a}, whose clock is ahead, hears of a peer and tells. */
    private void aIsAheadBy(int millis) {
        now += millis;
        announce(a, 1, HOME, 0, 5, Event.STARTED);
        List<MemberChange> told = a.drain();
        now -= millis;
        told.forEach(change -> assertThat(b.apply(change, now)).isTrue());
    }

    @Test
    void row16DownloadedStaysAtTheMostThatAClientUnderstands() {
        announce(a, 1, HOME, 0, 5, Event.STARTED);
        MemberChange one = a.drain().getFirst();
        MemberChange many = new MemberChange(
                one.tenant(),
                one.user(),
                one.torrent(),
                new PeerKey(0, 0, 2),
                one.state(),
                one.leeched(),
                one.completed(),
                Integer.MAX_VALUE,
                null,
                one.v6(),
                one.stand(),
                2);
        assertThat(a.apply(many, now)).isTrue();
        now += 1_000;
        announce(a, 1, HOME, 0, 0, Event.COMPLETED);
        assertThat(reply.counts().downloaded()).isEqualTo(Integer.MAX_VALUE);
        tell(a, b);
        assertThat(b.scrape(ANN, TORRENT).downloaded()).isEqualTo(Integer.MAX_VALUE);
    }

    @Test
    void row31WhatIsTooOldOrFromAFarFutureIsNotTakenIn() {
        announce(a, 1, HOME, 0, 5, Event.STARTED);
        List<MemberChange> told = a.drain();
        assertThat(b.apply(told.getFirst(), now + LIFETIME + 1)).isFalse();
        assertThat(b.apply(told.getFirst(), now - 61_000)).isFalse();
        announce(a, 1, HOME, 0, 5, Event.STOPPED);
        assertThat(b.apply(a.drain().getFirst(), now + STOPPED + 1)).isFalse();
        assertThat(b.swarms()).isZero();
    }

    @Test
    void whatBothReplicasPublishOfASessionIsItsTotal() {
        announce(a, 1, HOME, 0, 5, Event.STARTED);
        tell(a, b);
        now += 1_000;
        announce(a, 1, HOME, 40, 5, Event.NONE);
        Map<Session, Totals> published = new HashMap<>(ledger.take());
        tell(a, b);
        now += 1_000;
        announce(b, 1, HOME, 70, 5, Event.NONE);
        published.putAll(ledger.take());
        assertThat(published.values()).extracting(Totals::uploaded).containsExactly(70L);
    }
}
