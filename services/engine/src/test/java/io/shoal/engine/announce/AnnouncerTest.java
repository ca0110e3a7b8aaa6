package io.shoal.engine.announce;

import static io.shoal.bittorrent.announce.AnnounceEvent.COMPLETED;
import static io.shoal.bittorrent.announce.AnnounceEvent.NONE;
import static io.shoal.bittorrent.announce.AnnounceEvent.PAUSED;
import static io.shoal.bittorrent.announce.AnnounceEvent.STARTED;
import static io.shoal.bittorrent.announce.AnnounceEvent.STOPPED;
import static org.assertj.core.api.Assertions.assertThat;

import io.shoal.bittorrent.InfoHash;
import io.shoal.bittorrent.PeerId;
import io.shoal.bittorrent.announce.AnnounceEvent;
import io.shoal.bittorrent.announce.AnnounceReply;
import io.shoal.bittorrent.announce.AnnounceRequest;
import io.shoal.engine.NextAnnounce;
import io.shoal.engine.announce.TrackerClient.Answered;
import io.shoal.engine.announce.TrackerClient.Failed;
import io.shoal.engine.announce.TrackerClient.Outcome;
import io.shoal.engine.net.Loop;
import io.shoal.engine.net.TurnedLoop;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

class AnnouncerTest {
    private static final InetSocketAddress PEER = new InetSocketAddress(InetAddress.ofLiteral("198.51.100.1"), 6881);
    private static final Duration DELAY = Duration.ofMillis(100);

    /** One announce that a tracker has got. */
    private record Told(Duration at, String url, AnnounceRequest request) {
        AnnounceEvent event() {
            return request.event();
        }
    }

    /** Answers a moment later with what was laid down for the tracker, or after {@link #patience} that there is no answer. */
    private static final class FakeTrackers implements TrackerClient {
        final TurnedLoop clock;
        final List<Told> told = new ArrayList<>();
        final Map<String, Outcome> outcomes = new HashMap<>();
        Duration patience = DELAY;

        FakeTrackers(TurnedLoop clock) {
            this.clock = clock;
        }

        @Override
        public void announce(String url, AnnounceRequest request, Loop loop, Consumer<Outcome> done) {
            told.add(new Told(clock.now(), url, request));
            Outcome outcome = outcomes.get(url);
            loop.schedule(
                    outcome == null ? patience : DELAY,
                    () -> done.accept(outcome == null ? Failed.of(Codes.TIMEOUT) : outcome));
        }

        List<String> urls() {
            return told.stream().map(Told::url).toList();
        }

        List<AnnounceEvent> events(String url) {
            return told.stream()
                    .filter(t -> t.url().equals(url))
                    .map(Told::event)
                    .toList();
        }
    }

    private static final class Torrent implements Progress {
        long left = 1000;
        boolean partial;
        Appetite appetite = Appetite.HUNGRY;

        @Override
        public long uploaded() {
            return 11;
        }

        @Override
        public long downloaded() {
            return 22;
        }

        @Override
        public long left() {
            return left;
        }

        @Override
        public boolean partialSeed() {
            return partial;
        }

        @Override
        public Appetite appetite() {
            return appetite;
        }
    }

    private final TurnedLoop loop = new TurnedLoop();
    private final FakeTrackers trackers = new FakeTrackers(loop);
    private final Torrent torrent = new Torrent();
    private final List<InetSocketAddress> found = new ArrayList<>();
    private int seed = 1;

    private Announcer announcer(List<List<String>> tiers, TrackerState.Resumed... resumed) {
        InfoHash hash = InfoHash.of(new byte[20]);
        Announced announced = new Announced(hash, PeerId.of(new byte[20]), 5, 6881, "203.0.113.5");
        return new Announcer(
                announced, tiers, List.of(resumed), torrent, trackers, found::addAll, loop, new Random(seed));
    }

    private static TrackerState.Resumed resumed(boolean started, long planned, long earliest) {
        return new TrackerState.Resumed(started, new NextAnnounce(planned, earliest));
    }

    private static Answered answer(int interval, int minInterval, InetSocketAddress... peers) {
        return new Answered(new AnnounceReply(interval, minInterval, -1, -1, List.of(peers), null, null));
    }

    private void works(String url) {
        trackers.outcomes.put(url, answer(1800, 0, PEER));
    }

    private void turn(long seconds) {
        loop.turn(Duration.ofSeconds(seconds));
    }

    @Test
    void aSessionIsStartedKeptUpAndStopped() {
        works("a");
        Announcer announcer = announcer(List.of(List.of("a")));
        announcer.start();
        turn(1);
        assertThat(found).containsExactly(PEER);
        AnnounceRequest first = trackers.told.getFirst().request();
        assertThat(first.event()).isEqualTo(STARTED);
        assertThat(first.wanted()).isEqualTo(80);
        assertThat(first.left()).isEqualTo(1000);
        assertThat(first.uploaded()).isEqualTo(11);
        assertThat(first.downloaded()).isEqualTo(22);
        assertThat(first.port()).isEqualTo(6881);
        assertThat(first.key()).isEqualTo(5);
        assertThat(first.address()).isEqualTo("203.0.113.5");

        torrent.appetite = Progress.Appetite.SOME;
        turn(4 * 3600);
        assertThat(trackers.events("a")).hasSizeBetween(8, 10).startsWith(STARTED, NONE, NONE);
        assertThat(trackers.told.get(1).request().wanted()).isEqualTo(30);
        for (int i = 1; i < trackers.told.size(); i++) {
            Duration wait =
                    trackers.told.get(i).at().minus(trackers.told.get(i - 1).at());
            assertThat(wait)
                    .isBetween(Duration.ofMinutes(27), Duration.ofMinutes(33).plusSeconds(1));
        }

        boolean[] done = new boolean[1];
        announcer.stop(() -> done[0] = true);
        assertThat(done[0]).isFalse();
        turn(1);
        assertThat(done[0]).isTrue();
        assertThat(trackers.told.getLast().event()).isEqualTo(STOPPED);
        assertThat(trackers.told.getLast().request().wanted()).isZero();
        int all = trackers.told.size();
        turn(36_000);
        assertThat(trackers.told).hasSize(all);
    }

    @Test
    void theTrackersMinimumIsKept() {
        trackers.outcomes.put("a", answer(100, 300, PEER));
        announcer(List.of(List.of("a"))).start();
        turn(3_000);
        for (int i = 1; i < trackers.told.size(); i++) {
            assertThat(trackers.told.get(i).at().minus(trackers.told.get(i - 1).at()))
                    .isGreaterThanOrEqualTo(Duration.ofMinutes(5));
        }
        assertThat(trackers.told).hasSizeGreaterThan(8);
    }

    @Test
    void aTrackerThatWantsToBeFloodedIsNot() {
        trackers.outcomes.put("a", answer(1, 0, PEER));
        announcer(List.of(List.of("a"))).start();
        turn(60);
        assertThat(trackers.told).hasSizeBetween(10, 14);
    }

    @Test
    void completedIsToldOnceAndAtOnce() {
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
        assertThat(trackers.told.get(1).at()).isEqualTo(Duration.ofSeconds(60));
    }

    @Test
    void completedIsToldAgainUntilItIsHeard() {
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
    void aPartialSeedSaysPausedEachTime() {
        works("a");
        torrent.partial = true;
        announcer(List.of(List.of("a"))).start();
        turn(6_000);
        assertThat(trackers.events("a")).startsWith(STARTED, PAUSED, PAUSED);
    }

    @Test
    void trackersOfATierAreTriedAndTheOneThatWorksIsKept() {
        works("c");
        announcer(List.of(List.of("a", "b", "c", "d"))).start();
        turn(7_200);
        int working = trackers.urls().indexOf("c");
        assertThat(trackers.urls().subList(working, trackers.urls().size())).containsOnly("c");
        assertThat(new HashSet<>(trackers.urls().subList(0, working + 1))).hasSize(working + 1);
    }

    @Test
    void trackersOfATierAreShuffled() {
        Set<String> first = new HashSet<>();
        for (seed = 0; seed < 40; seed++) {
            trackers.told.clear();
            announcer(List.of(List.of("a", "b", "c"))).start();
            first.add(trackers.urls().getFirst());
        }
        assertThat(first).containsExactlyInAnyOrder("a", "b", "c");
    }

    @Test
    void whenTheTrackerInUseFailsTheOthersAreTriedAtOnce() {
        works("a");
        works("b");
        announcer(List.of(List.of("a", "b"))).start();
        turn(60);
        String used = trackers.urls().getFirst();
        String other = used.equals("a") ? "b" : "a";
        assertThat(trackers.urls()).containsExactly(used);
        trackers.outcomes.put(used, Failed.of("timeout"));
        turn(2_000);
        assertThat(trackers.urls()).containsExactly(used, used, other);
    }

    @Test
    void theNextTierIsUsedWhenOneFailsAndOnlyThen() {
        works("b");
        works("c");
        Announcer announcer = announcer(List.of(List.of("a"), List.of("b"), List.of("c")));
        announcer.start();
        turn(10);
        assertThat(trackers.urls()).containsExactly("a", "b");
        works("a");
        turn(20);
        assertThat(trackers.urls()).containsExactly("a", "b", "a");
        int before = trackers.told.size();
        turn(7_200);
        assertThat(trackers.urls().subList(before, trackers.told.size())).containsOnly("a");
        announcer.stop(() -> {});
        assertThat(trackers.events("b").getLast()).isEqualTo(STOPPED);
        assertThat(trackers.events("c")).isEmpty();
    }

    @Test
    void deadTrackersInFrontDoNotKeepTheLiveOneFromBeingAsked() {
        trackers.patience = Duration.ofSeconds(105);
        works("live");
        for (seed = 0; seed < 20; seed++) {
            trackers.told.clear();
            Announcer announcer = announcer(List.of(List.of("dead 1", "dead 2", "live")));
            announcer.start();
            turn(215);
            assertThat(trackers.urls()).contains("live");
            announcer.close();
        }
    }

    @Test
    void deadTiersInFrontDoNotKeepTheLiveOneFromBeingAsked() {
        trackers.patience = Duration.ofSeconds(105);
        trackers.outcomes.put("live", answer(60, 0, PEER));
        announcer(List.of(List.of("dead 1"), List.of("dead 2"), List.of("live")))
                .start();
        turn(215);
        assertThat(trackers.urls()).contains("live");
        turn(3_600 - 215);
        assertThat(trackers.events("live")).as("every minute").hasSizeGreaterThan(50);
        assertThat(trackers.events("dead 1")).hasSizeGreaterThan(5);

        works("dead 1");
        turn(2_200); // the longest backoff
        trackers.told.clear();
        turn(7_200);
        assertThat(trackers.urls()).containsOnly("dead 1");
    }

    @Test
    void aTrackerThatWorkedAndFailsLetsTheNextTierInWhileItIsTriedAgain() {
        trackers.patience = Duration.ofSeconds(105);
        trackers.outcomes.put("a", answer(60, 0, PEER));
        trackers.outcomes.put("b", answer(60, 0, PEER));
        announcer(List.of(List.of("a"), List.of("b"))).start();
        turn(100);
        trackers.outcomes.remove("a");
        trackers.told.clear();
        turn(1_000);
        assertThat(trackers.events("b")).hasSizeGreaterThan(10);
        assertThat(trackers.events("a")).hasSizeGreaterThan(4);
    }

    @Test
    void theSuccessorGoesOnWithTheTierThatWorksWhileAnotherIsLeftAlone() {
        works("b");
        long later = loop.epochMillis() + 1_000_000;
        long soon = loop.epochMillis() + 100_000;
        announcer(List.of(List.of("a"), List.of("b")), resumed(false, later, later), resumed(true, soon, soon))
                .start();
        turn(101);
        assertThat(trackers.urls()).containsExactly("b");
    }

    @Test
    void whoWantsPeersGoesOnWhereATrackerKnowsNobody() {
        trackers.outcomes.put("a", answer(1800, 0));
        works("b");
        announcer(List.of(List.of("a"), List.of("b"))).start();
        turn(10);
        assertThat(trackers.urls()).containsExactly("a", "b");

        trackers.told.clear();
        torrent.appetite = Progress.Appetite.SOME;
        announcer(List.of(List.of("a"), List.of("b"))).start();
        turn(10);
        assertThat(trackers.urls()).containsExactly("a");
    }

    @Test
    void failuresAreRepeatedEverMoreRarelyButNotNever() {
        announcer(List.of(List.of("a"))).start();
        turn(86_400);
        assertThat(trackers.told).hasSizeBetween(45, 70);
        Duration first = trackers.told.get(1).at();
        assertThat(first).isBetween(Duration.ofSeconds(13), Duration.ofSeconds(17));
        for (int i = 1; i < trackers.told.size(); i++) {
            assertThat(trackers.told.get(i).at().minus(trackers.told.get(i - 1).at()))
                    .isLessThan(Duration.ofMinutes(34));
        }
        assertThat(trackers.events("a")).containsOnly(STARTED);
    }

    @Test
    void aTrackerThatComesBackIsFoundWithinItsInterval() {
        trackers.outcomes.put("a", answer(10, 0, PEER));
        announcer(List.of(List.of("a"))).start();
        turn(60);
        trackers.outcomes.remove("a");
        turn(600);
        works("a");
        int before = trackers.told.size();
        turn(12);
        assertThat(trackers.told.size()).isGreaterThan(before);
    }

    @Test
    void aTrackerThatWantsToBeLeftAloneIs() {
        trackers.outcomes.put("a", new Failed("failure", "busy", Duration.ofHours(2)));
        trackers.outcomes.put("b", new Failed("failure", "gone", Duration.ofDays(10_000)));
        Announcer announcer = announcer(List.of(List.of("a"), List.of("b")));
        announcer.start();
        turn(7_000);
        assertThat(trackers.urls()).containsExactly("a", "b");
        assertThat(announcer.trackers().getFirst().detail()).isEqualTo("busy");
        turn(86_400);
        assertThat(trackers.events("b")).hasSize(2);
    }

    @Test
    void theSuccessorOfASessionWaitsAsItsPredecessorWouldAndDoesNotStartAgain() {
        works("a");
        works("b");
        long soon = loop.epochMillis() + 100_000;
        Announcer announcer =
                announcer(List.of(List.of("b", "a")), TrackerState.Resumed.FRESH, resumed(true, soon, soon));
        announcer.start();
        turn(99);
        assertThat(trackers.told).isEmpty();
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
        trackers.told.clear();
        return announcer(List.of(List.of("a")), new TrackerState.Resumed(left.started(), left.handOver()));
    }

    @Test
    void theSuccessorThatWantsPeersAsksAsSoonAsTheTrackerAllows() {
        successor().start();
        turn(239);
        assertThat(trackers.told).isEmpty();
        turn(2);
        assertThat(trackers.events("a")).containsExactly(NONE);
    }

    @Test
    void theSuccessorOfASuccessorAsksNoSooner() {
        Announcer second = successor();
        second.start();
        turn(60);
        TrackerState left = second.trackers().getFirst();
        second.close();
        announcer(List.of(List.of("a")), new TrackerState.Resumed(left.started(), left.handOver()))
                .start();
        turn(179);
        assertThat(trackers.told).isEmpty();
        turn(2);
        assertThat(trackers.events("a")).containsExactly(NONE);
    }

    @Test
    void theSuccessorThatWantsNobodyKeepsToThePlanUntilItDoes() {
        Announcer announcer = successor();
        torrent.appetite = Progress.Appetite.SOME;
        announcer.start();
        turn(1_500);
        assertThat(trackers.told).isEmpty();
        announcer.hurry();
        assertThat(trackers.events("a")).containsExactly(NONE);
    }

    @Test
    void theSuccessorInAHurryAsksAsSoonAsTheTrackerAllows() {
        Announcer announcer = successor();
        torrent.appetite = Progress.Appetite.SOME;
        announcer.start();
        announcer.hurry();
        turn(239);
        assertThat(trackers.told).isEmpty();
        turn(2);
        assertThat(trackers.events("a")).containsExactly(NONE);
    }

    @Test
    void theSuccessorDoesNotHurryATrackerThatFailed() {
        long later = loop.epochMillis() + 1_000_000;
        Announcer announcer = announcer(List.of(List.of("a")), resumed(true, later, later));
        announcer.start();
        announcer.hurry();
        turn(999);
        assertThat(trackers.told).isEmpty();
    }

    @Test
    void aHandOverFromAClockGoneMadIsNotWaitedForLong() {
        works("a");
        announcer(List.of(List.of("a")), resumed(true, Long.MAX_VALUE, Long.MAX_VALUE))
                .start();
        turn(86_401);
        assertThat(trackers.told).hasSize(1);
    }

    @Test
    void whatIsHandedOverTellsWhenToAskAgain() {
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
        assertThat(a.handOver()).isEqualTo(new NextAnnounce(a.next(), a.earliest()));
        TrackerState b = announcer.trackers().get(1);
        assertThat(b.started()).isFalse();
        assertThat(b.next()).isZero();
        assertThat(b.handOver().planned()).as("may be asked now").isLessThanOrEqualTo(loop.epochMillis());
        announcer.close();
        turn(36_000);
        assertThat(trackers.told).as("close tells nobody").hasSize(1);
    }

    @Test
    void whoIsInAHurryAsksAsSoonAsItMay() {
        trackers.outcomes.put("a", answer(1800, 60, PEER));
        Announcer announcer = announcer(List.of(List.of("a")));
        announcer.start();
        turn(10);
        announcer.hurry();
        turn(49);
        assertThat(trackers.told).hasSize(1);
        turn(2);
        assertThat(trackers.told).hasSize(2);
    }

    @Test
    void aNewSessionStartsAnew() {
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
    void trackersThatHeardNothingAreNotToldThatItStopped() {
        Announcer announcer = announcer(List.of(List.of("a")));
        announcer.start();
        turn(5);
        boolean[] done = new boolean[1];
        announcer.stop(() -> done[0] = true);
        assertThat(done[0]).isTrue();
        assertThat(trackers.events("a")).containsExactly(STARTED);
    }

    @Test
    void trackersThatStayKeepTheirTimesAndThoseThatGoAreToldStopped() {
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
    void aTrackerGivenTwiceIsAskedOnceAndShownTwice() {
        works("a");
        Announcer announcer = announcer(List.of(List.of("a"), List.of("a")));
        announcer.start();
        turn(10);
        assertThat(trackers.told).hasSize(1);
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
}
