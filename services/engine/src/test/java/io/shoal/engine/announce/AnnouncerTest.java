package io.shoal.engine.announce;

import static io.shoal.bittorrent.announce.AnnounceEvent.COMPLETED;
import static io.shoal.bittorrent.announce.AnnounceEvent.NONE;
import static io.shoal.bittorrent.announce.AnnounceEvent.PAUSED;
import static io.shoal.bittorrent.announce.AnnounceEvent.STARTED;
import static io.shoal.bittorrent.announce.AnnounceEvent.STOPPED;
import static org.assertj.core.api.Assertions.assertThat;

import io.shoal.bittorrent.announce.AnnounceRequest;
import io.shoal.engine.announce.TrackerClient.AnnounceResult;
import io.shoal.engine.announce.TrackerClient.Failed;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Which events a session announces to its trackers, and when. */
class AnnouncerTest extends ScriptedTrackers {
    @Test
    void aSessionIsStartedContinuedAndStopped() {
        works("a");
        Announcer announcer = announcer(List.of(List.of("a")));
        announcer.start();
        turn(1);
        assertThat(found).containsExactly(PEER);
        AnnounceRequest first = trackers.sent.getFirst().request();
        assertThat(first.event()).isEqualTo(STARTED);
        assertThat(first.wanted()).isEqualTo(80);
        assertThat(first.left()).isEqualTo(1000);
        assertThat(first.uploaded()).isEqualTo(11);
        assertThat(first.downloaded()).isEqualTo(22);
        assertThat(first.port()).isEqualTo(6881);
        assertThat(first.key()).isEqualTo(5);
        assertThat(first.address()).isEqualTo("203.0.113.5");

        torrent.peerDemand = AnnounceProgress.PeerDemand.SOME;
        turn(4 * 3600);
        assertThat(trackers.events("a")).hasSizeBetween(8, 10).startsWith(STARTED, NONE, NONE);
        assertThat(trackers.sent.get(1).request().wanted()).isEqualTo(30);
        for (int i = 1; i < trackers.sent.size(); i++) {
            Duration wait =
                    trackers.sent.get(i).at().minus(trackers.sent.get(i - 1).at());
            assertThat(wait)
                    .isBetween(Duration.ofMinutes(27), Duration.ofMinutes(33).plusSeconds(1));
        }

        boolean[] done = new boolean[1];
        announcer.stop(() -> done[0] = true);
        assertThat(done[0]).isFalse();
        turn(1);
        assertThat(done[0]).isTrue();
        assertThat(trackers.sent.getLast().event()).isEqualTo(STOPPED);
        assertThat(trackers.sent.getLast().request().wanted()).isZero();
        int all = trackers.sent.size();
        turn(36_000);
        assertThat(trackers.sent).hasSize(all);
    }

    @Test
    void stoppedIsNotSentWhereOthersKeepThePort() {
        works("a");
        works("b");
        Announcer announcer = announcer(List.of(List.of("a"), List.of("b")));
        announcer.start();
        trackers.outcomes.put("a", Failed.of(TrackerClient.Codes.TIMEOUT));
        turn(7200);
        trackers.sent.clear();
        assertThat(announcer.isStartedAt("a")).isTrue();
        assertThat(announcer.isStartedAt("b")).isTrue();
        portsKept.add("a");

        announcer.setTrackers(List.of(List.of("b")));
        boolean[] done = new boolean[1];
        announcer.stop(() -> done[0] = true);
        turn(1);
        assertThat(done[0]).isTrue();
        assertThat(trackers.events("a")).isEmpty();
        assertThat(trackers.events("b")).containsExactly(STOPPED);
        assertThat(announcer.isStartedAt("b")).isFalse();
    }

    @Test
    void oneTrackerIsReannouncedToAtItsMinimum() {
        trackers.outcomes.put("a", answer(1800, 60, PEER));
        Announcer announcer = announcer(List.of(List.of("a")));
        announcer.start();
        turn(10);
        announcer.announceSoon("another");
        turn(100);
        assertThat(trackers.sent).hasSize(1);
        announcer.announceSoon("a");
        turn(1);
        assertThat(trackers.sent).hasSize(2);
        announcer.announceSoon("a");
        turn(58);
        assertThat(trackers.sent).hasSize(2);
        turn(2);
        assertThat(trackers.sent).hasSize(3);
    }

    @Test
    void theTrackersMinimumIsRespected() {
        trackers.outcomes.put("a", answer(100, 300, PEER));
        announcer(List.of(List.of("a"))).start();
        turn(3_000);
        for (int i = 1; i < trackers.sent.size(); i++) {
            assertThat(trackers.sent.get(i).at().minus(trackers.sent.get(i - 1).at()))
                    .isGreaterThanOrEqualTo(Duration.ofMinutes(5));
        }
        assertThat(trackers.sent).hasSizeGreaterThan(8);
    }

    @Test
    void aTrackerThatWantsToBeFloodedIsNot() {
        trackers.outcomes.put("a", answer(1, 0, PEER));
        announcer(List.of(List.of("a"))).start();
        turn(60);
        assertThat(trackers.sent).hasSizeBetween(10, 14);
    }

    @Test
    void completedIsSentOnceAndAtOnce() {
        works("a");
        Announcer announcer = announcer(List.of(List.of("a")));
        announcer.start();
        turn(60);
        torrent.left = 0;
        announcer.completed();
        announcer.completed();
        turn(10_000);
        assertThat(trackers.events("a")).startsWith(STARTED, COMPLETED, NONE);
        assertThat(trackers.events("a").stream().filter(COMPLETED::equals)).hasSize(1);
        assertThat(trackers.sent.get(1).at()).isEqualTo(Duration.ofSeconds(60));
    }

    @Test
    void completedIsRepeatedUntilItIsAnswered() {
        works("a");
        Announcer announcer = announcer(List.of(List.of("a")));
        announcer.start();
        turn(60);
        trackers.outcomes.put("a", Failed.of("http-503"));
        announcer.completed();
        turn(60);
        works("a");
        turn(3_600);
        assertThat(trackers.events("a").stream().filter(COMPLETED::equals)).hasSizeGreaterThan(2);
        assertThat(trackers.events("a").getLast()).isEqualTo(NONE);
    }

    @Test
    void completedFollowsStartedWhereThatIsUnderWay() {
        works("a");
        Announcer announcer = announcer(List.of(List.of("a")));
        announcer.start();
        announcer.completed();
        turn(10);
        assertThat(trackers.events("a")).containsExactly(STARTED, COMPLETED);
    }

    @Test
    void aPartialSeedSendsPausedEachTime() {
        works("a");
        torrent.partial = true;
        announcer(List.of(List.of("a"))).start();
        turn(6_000);
        assertThat(trackers.events("a")).startsWith(STARTED, PAUSED, PAUSED);
    }

    @Test
    void anEarlyAnnounceIsSentAsSoonAsAllowed() {
        trackers.outcomes.put("a", answer(1800, 60, PEER));
        Announcer announcer = announcer(List.of(List.of("a")));
        announcer.start();
        turn(10);
        announcer.announceSoon();
        turn(49);
        assertThat(trackers.sent).hasSize(1);
        turn(2);
        assertThat(trackers.sent).hasSize(2);
    }

    @Test
    void anAnnounceOnRequestIsSentOnceAndNotBeforeTheTrackersMinimum() {
        torrent.peerDemand = AnnounceProgress.PeerDemand.SOME;
        trackers.outcomes.put("a", answer(1800, 60, PEER));
        Announcer announcer = announcer(List.of(List.of("a"), List.of("unused")));
        announcer.start();
        turn(10);
        announcer.announceOnRequest();
        announcer.announceOnRequest();
        turn(49);
        assertThat(trackers.urls()).containsExactly("a");
        turn(2);
        assertThat(trackers.urls()).containsExactly("a", "a");
        turn(1_000);
        assertThat(trackers.urls()).as("once, and to the tier in use").containsExactly("a", "a");
    }

    @Test
    void anAnnounceOnRequestWaitsForNoBackoffButForTheTimeThatTheTrackerAsksFor() {
        torrent.peerDemand = AnnounceProgress.PeerDemand.SOME;
        Announcer announcer = announcer(List.of(List.of("down")));
        announcer.start();
        turn(600);
        int tried = trackers.sent.size();
        Duration last = trackers.sent.getLast().at();
        turn(20);
        assertThat(trackers.sent).as("the pause has grown").hasSize(tried);
        announcer.announceOnRequest();
        turn(1);
        assertThat(trackers.sent).hasSize(tried + 1);
        assertThat(trackers.sent.getLast().at().minus(last)).isGreaterThan(Duration.ofSeconds(15));

        trackers.outcomes.put("down", new Failed("http-503", "", Duration.ofMinutes(10)));
        turn(3_600);
        tried = trackers.sent.size();
        last = trackers.sent.getLast().at();
        announcer.announceOnRequest();
        turn(3_600);
        assertThat(trackers.sent.get(tried).at().minus(last)).isGreaterThanOrEqualTo(Duration.ofMinutes(10));
    }

    @Test
    void whatATrackerAnsweredLastIsShown() {
        trackers.outcomes.put("a", answer(1800, 60, PEER));
        Announcer announcer = announcer(List.of(List.of("a"), List.of("b")));
        assertThat(announcer.trackers().getFirst().announcedAt()).isZero();
        announcer.start();
        turn(10);
        TrackerState used = announcer.trackers().getFirst();
        assertThat(used.peers()).isEqualTo(1);
        assertThat(used.announcedAt()).isEqualTo(loop.epochMillis() - 10_000);
        assertThat(used.next()).isPositive();
        TrackerState unused = announcer.trackers().getLast();
        assertThat(unused.peers()).isEqualTo(-1);
        assertThat(unused.announcedAt()).isZero();
        assertThat(unused.next()).isZero();
    }

    @Test
    void aNewSessionSendsStartedAgain() {
        works("a");
        Announcer announcer = announcer(List.of(List.of("a")));
        announcer.start();
        turn(60);
        announcer.stop(() -> {});
        announcer.start();
        turn(4);
        assertThat(trackers.events("a")).as("not faster than every 5 s").containsExactly(STARTED, STOPPED);
        turn(10);
        announcer.completed();
        turn(10);
        assertThat(trackers.events("a")).containsExactly(STARTED, STOPPED, STARTED, COMPLETED);
    }

    @Test
    void stoppedIsNotSentToTrackersThatReceivedNothing() {
        Announcer announcer = announcer(List.of(List.of("a")));
        announcer.start();
        turn(5);
        boolean[] done = new boolean[1];
        announcer.stop(() -> done[0] = true);
        assertThat(done[0]).isTrue();
        assertThat(trackers.events("a")).containsExactly(STARTED);
    }

    @Test
    void keptTrackersKeepTheirTimesAndRemovedOnesReceiveStopped() {
        works("a");
        works("b");
        works("c");
        Announcer announcer = announcer(List.of(List.of("a")));
        announcer.start();
        turn(60);
        announcer.setTrackers(List.of(List.of("b"), List.of("a")));
        turn(1);
        assertThat(trackers.urls()).containsExactly("a", "b");
        announcer.setTrackers(List.of(List.of("c")));
        turn(1);
        assertThat(trackers.events("a")).containsExactly(STARTED, STOPPED);
        assertThat(trackers.events("b")).containsExactly(STARTED, STOPPED);
        assertThat(trackers.events("c")).containsExactly(STARTED);
        assertThat(announcer.trackers()).hasSize(1);
    }

    @Test
    void aTrackerGivenTwiceIsAnnouncedToOnceAndListedTwice() {
        works("a");
        Announcer announcer = announcer(List.of(List.of("a"), List.of("a")));
        announcer.start();
        turn(10);
        assertThat(trackers.sent).hasSize(1);
        assertThat(announcer.trackers()).hasSize(2);
    }

    @Test
    void withoutTrackersThereIsNothingToDo() {
        Announcer announcer = announcer(List.of());
        announcer.start();
        turn(10);
        boolean[] done = new boolean[1];
        announcer.stop(() -> done[0] = true);
        assertThat(done[0]).isTrue();
    }

    /** What a tracker answers over its second address family comes after the result, or after a refusal over the first. */
    private void answersAgain(AnnounceResult answer) {
        trackers.again = answer;
    }

    @Test
    void anAnswerOverTheOtherFamilyBringsItsPeers() {
        InetSocketAddress other = new InetSocketAddress(InetAddress.ofLiteral("2001:db8::1"), 6881);
        trackers.outcomes.put("a", answer(1800, 60));
        answersAgain(answer(1800, 600, other));
        Announcer announcer = announcer(List.of(List.of("a"), List.of("b")));
        announcer.start();
        turn(1);
        assertThat(found).containsExactly(other);
        assertThat(announcer.trackers().getFirst().code()).isEqualTo("ok");
        turn(20);
        announcer.announceSoon();
        turn(500);
        assertThat(trackers.events("a")).as("the longer minimum holds").containsExactly(STARTED);
        turn(120);
        assertThat(trackers.events("a")).containsExactly(STARTED, NONE);
    }

    @Test
    void aTrackerThatRefusesOverOneFamilyAndAnswersOverTheOtherWorks() {
        trackers.outcomes.put("a", new Failed(TrackerClient.Codes.FAILURE, "no", Duration.ZERO));
        answersAgain(answer(1800, 0, PEER));
        Announcer announcer = announcer(List.of(List.of("a")));
        announcer.start();
        turn(1);
        assertThat(found).containsExactly(PEER);
        assertThat(announcer.trackers().getFirst().code()).isEqualTo("ok");
        turn(600);
        assertThat(trackers.events("a")).containsExactly(STARTED);
    }

    @Test
    void aSecondAnswerAfterTheEndOfTheSessionChangesNothing() {
        works("a");
        works("b");
        answersAgain(answer(1800, 0, PEER));
        Announcer announcer = announcer(List.of(List.of("a"), List.of("b")));
        announcer.start();
        turn(60);
        int[] done = new int[1];
        announcer.stop(() -> done[0]++);
        turn(60);
        assertThat(done[0]).isEqualTo(1);
    }
}
