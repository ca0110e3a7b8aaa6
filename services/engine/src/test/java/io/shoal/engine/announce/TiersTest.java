package io.shoal.engine.announce;

import static io.shoal.bittorrent.announce.AnnounceEvent.STARTED;
import static io.shoal.bittorrent.announce.AnnounceEvent.STOPPED;
import static org.assertj.core.api.Assertions.assertThat;

import io.shoal.engine.announce.TrackerClient.Failed;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Which of its trackers a torrent announces to, and what happens to trackers that fail (BEP 12). */
class TiersTest extends ScriptedTrackers {
    @Test
    void trackersOfATierAreTriedAndAWorkingOneIsKept() {
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
            trackers.sent.clear();
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
        int before = trackers.sent.size();
        turn(7_200);
        assertThat(trackers.urls().subList(before, trackers.sent.size())).containsOnly("a");
        announcer.stop(() -> {});
        assertThat(trackers.events("b").getLast()).isEqualTo(STOPPED);
        assertThat(trackers.events("c")).isEmpty();
    }

    @Test
    void deadTrackersInFrontDoNotBlockALiveOne() {
        trackers.failureDelay = Duration.ofSeconds(105);
        works("live");
        for (seed = 0; seed < 20; seed++) {
            trackers.sent.clear();
            Announcer announcer = announcer(List.of(List.of("dead 1", "dead 2", "live")));
            announcer.start();
            turn(215);
            assertThat(trackers.urls()).contains("live");
            announcer.close();
        }
    }

    @Test
    void deadTiersInFrontDoNotBlockALiveOne() {
        trackers.failureDelay = Duration.ofSeconds(105);
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
        trackers.sent.clear();
        turn(7_200);
        assertThat(trackers.urls()).containsOnly("dead 1");
    }

    @Test
    void aTrackerThatWorkedAndFailsLetsTheNextTierInWhileItIsTriedAgain() {
        trackers.failureDelay = Duration.ofSeconds(105);
        trackers.outcomes.put("a", answer(60, 0, PEER));
        trackers.outcomes.put("b", answer(60, 0, PEER));
        announcer(List.of(List.of("a"), List.of("b"))).start();
        turn(100);
        trackers.outcomes.remove("a");
        trackers.sent.clear();
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
    void theNextTierIsUsedWhenPeersAreWantedAndNoneAreKnown() {
        trackers.outcomes.put("a", answer(1800, 0));
        works("b");
        announcer(List.of(List.of("a"), List.of("b"))).start();
        turn(10);
        assertThat(trackers.urls()).containsExactly("a", "b");

        trackers.sent.clear();
        torrent.peerDemand = AnnounceProgress.PeerDemand.SOME;
        announcer(List.of(List.of("a"), List.of("b"))).start();
        turn(10);
        assertThat(trackers.urls()).containsExactly("a");
    }

    @Test
    void aSilentTrackerHoldsUpNoOtherWhileThereIsNoPeer() {
        trackers.failureDelay = Duration.ofSeconds(105);
        torrent.isolated = true;
        works("live");
        for (seed = 0; seed < 20; seed++) {
            trackers.sent.clear();
            Announcer announcer = announcer(List.of(List.of("dead 1", "dead 2"), List.of("dead 3"), List.of("live")));
            announcer.start();
            turn(31);
            assertThat(trackers.urls()).containsExactlyInAnyOrder("dead 1", "dead 2", "dead 3", "live");
            announcer.close();
        }
    }

    @Test
    void aTrackerWhosePeersAreNotReachedDoesNotKeepOthersFromBeingAsked() {
        works("a");
        works("b");
        works("c");
        torrent.isolated = true;
        Announcer announcer = announcer(List.of(List.of("a", "b"), List.of("c")));
        announcer.start();
        turn(10);
        assertThat(trackers.urls()).hasSize(1);
        turn(10);
        assertThat(trackers.urls()).containsExactlyInAnyOrder("a", "b", "c");
        turn(600);
        assertThat(trackers.urls()).as("each at its own interval").hasSize(3);

        trackers.sent.clear();
        torrent.isolated = false;
        turn(7_200);
        assertThat(new HashSet<>(trackers.urls())).as("one is used again").hasSize(1);
    }

    @Test
    void failuresAreRepeatedEverMoreRarelyButNotNever() {
        announcer(List.of(List.of("a"))).start();
        turn(86_400);
        assertThat(trackers.sent).hasSizeBetween(45, 70);
        Duration first = trackers.sent.get(1).at();
        assertThat(first).isBetween(Duration.ofSeconds(13), Duration.ofSeconds(17));
        for (int i = 1; i < trackers.sent.size(); i++) {
            assertThat(trackers.sent.get(i).at().minus(trackers.sent.get(i - 1).at()))
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
        int before = trackers.sent.size();
        turn(12);
        assertThat(trackers.sent.size()).isGreaterThan(before);
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
}
