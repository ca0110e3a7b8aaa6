package io.shoal.engine.announce;

import static io.shoal.bittorrent.announce.AnnounceEvent.NONE;
import static org.assertj.core.api.Assertions.assertThat;

import io.shoal.engine.NextAnnounce;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What the next owner of a session announces to its trackers. */
class SuccessorTest extends ScriptedTrackers {
    @Test
    void theSuccessorOfASessionWaitsAsItsPredecessorWouldAndDoesNotStartAgain() {
        works("a");
        works("b");
        long soon = loop.epochMillis() + 100_000;
        Announcer announcer =
                announcer(List.of(List.of("b", "a")), TrackerState.Resumed.FRESH, resumed(true, soon, soon));
        announcer.start();
        turn(99);
        assertThat(trackers.sent).isEmpty();
        turn(2);
        assertThat(trackers.urls()).containsExactly("a");
        assertThat(trackers.events("a")).containsExactly(NONE);
    }

    /** Hands the session over a minute after an answer that allows the next announce after five. */
    private Announcer successor() {
        trackers.outcomes.put("a", answer(1800, 300, PEER));
        Announcer predecessor = announcer(List.of(List.of("a")));
        predecessor.start();
        turn(60);
        TrackerState left = predecessor.trackers().getFirst();
        predecessor.close();
        trackers.sent.clear();
        return announcer(List.of(List.of("a")), new TrackerState.Resumed(left.started(), left.nextAnnounce()));
    }

    @Test
    void aSuccessorThatWantsPeersAnnouncesAsSoonAsAllowed() {
        successor().start();
        turn(239);
        assertThat(trackers.sent).isEmpty();
        turn(2);
        assertThat(trackers.events("a")).containsExactly(NONE);
    }

    @Test
    void theSuccessorOfASuccessorAnnouncesNoSooner() {
        Announcer second = successor();
        second.start();
        turn(60);
        TrackerState left = second.trackers().getFirst();
        second.close();
        announcer(List.of(List.of("a")), new TrackerState.Resumed(left.started(), left.nextAnnounce()))
                .start();
        turn(179);
        assertThat(trackers.sent).isEmpty();
        turn(2);
        assertThat(trackers.events("a")).containsExactly(NONE);
    }

    @Test
    void aSuccessorWithoutDemandKeepsThePlannedTime() {
        Announcer announcer = successor();
        torrent.peerDemand = AnnounceProgress.PeerDemand.SOME;
        announcer.start();
        turn(1_500);
        assertThat(trackers.sent).isEmpty();
        announcer.announceSoon();
        assertThat(trackers.events("a")).containsExactly(NONE);
    }

    @Test
    void anEarlyAnnounceOfASuccessorIsSentAsSoonAsAllowed() {
        Announcer announcer = successor();
        torrent.peerDemand = AnnounceProgress.PeerDemand.SOME;
        announcer.start();
        announcer.announceSoon();
        turn(239);
        assertThat(trackers.sent).isEmpty();
        turn(2);
        assertThat(trackers.events("a")).containsExactly(NONE);
    }

    @Test
    void theSuccessorDoesNotHurryATrackerThatFailed() {
        long later = loop.epochMillis() + 1_000_000;
        Announcer announcer = announcer(List.of(List.of("a")), resumed(true, later, later));
        announcer.start();
        announcer.announceSoon();
        turn(999);
        assertThat(trackers.sent).isEmpty();
    }

    @Test
    void aHandOverFromAWrongClockDelaysLittle() {
        works("a");
        announcer(List.of(List.of("a")), resumed(true, Long.MAX_VALUE, Long.MAX_VALUE))
                .start();
        turn(86_401);
        assertThat(trackers.sent).hasSize(1);
    }

    @Test
    void theHandedOverStateHasTheNextAnnounce() {
        trackers.outcomes.put("a", answer(1800, 60, PEER));
        Announcer announcer = announcer(List.of(List.of("a"), List.of("b")));
        assertThat(announcer.trackers().getFirst().code()).isEqualTo("waiting");
        announcer.start();
        turn(1);
        TrackerState a = announcer.trackers().getFirst();
        assertThat(a.started()).isTrue();
        assertThat(a.code()).isEqualTo("ok");
        assertThat(a.next() - loop.epochMillis()).isBetween(1_600_000L, 2_000_000L);
        assertThat(a.earliest() - loop.epochMillis()).isBetween(59_000L, 60_000L);
        assertThat(a.nextAnnounce()).isEqualTo(new NextAnnounce(a.next(), a.earliest()));
        TrackerState b = announcer.trackers().get(1);
        assertThat(b.started()).isFalse();
        assertThat(b.next()).isZero();
        assertThat(b.nextAnnounce().planned()).as("may be asked now").isLessThanOrEqualTo(loop.epochMillis());
        announcer.close();
        turn(36_000);
        assertThat(trackers.sent).as("close announces nothing").hasSize(1);
    }
}
