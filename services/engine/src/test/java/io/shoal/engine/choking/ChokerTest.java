package io.shoal.engine.choking;

import static org.assertj.core.api.Assertions.assertThat;

import io.shoal.engine.choking.Choker.Choice;
import io.shoal.engine.choking.Choker.Optimistic;
import io.shoal.engine.choking.Choker.PeerView;
import io.shoal.engine.choking.Choker.Role;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class ChokerTest {
    private static final Duration LONG = Duration.ofHours(1);

    private static final int SLOTS = Choker.slots(0);

    private final Choker choker = new Choker(new Random(1));

    private static PeerView<String> sender(String name, long rate) {
        return new PeerView<>(name, true, false, rate, 0, false, LONG, LONG);
    }

    private static List<PeerView<String>> senders(int count) {
        List<PeerView<String>> peers = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            peers.add(sender("p" + i, i * 1000L));
        }
        return peers;
    }

    @Test
    void theFastestSendersAreUnchoked() {
        Choice<String> choice = choker.choose(senders(20), Role.LEECH, List.of(), SLOTS);

        assertThat(choice.unchoked())
                .hasSize(Choker.SLOTS_MIN)
                .startsWith("p19", "p18", "p17", "p16", "p15", "p14", "p13")
                .endsWith(choice.optimistic().getFirst())
                .doesNotHaveDuplicates();
    }

    @Test
    void allAreUnchokedWhileThereAreSlots() {
        assertThat(choker.choose(senders(8), Role.LEECH, List.of(), SLOTS).unchoked())
                .hasSize(8);
        assertThat(choker.choose(List.<PeerView<String>>of(), Role.LEECH, List.of(), SLOTS)
                        .unchoked())
                .isEmpty();
    }

    @Test
    void uninterestedPeersGetNoSlot() {
        List<PeerView<String>> peers = new ArrayList<>(senders(3));
        peers.add(new PeerView<>("idle", false, false, 1_000_000, 0, true, LONG, LONG));

        assertThat(choker.choose(peers, Role.LEECH, List.of(), SLOTS).unchoked())
                .doesNotContain("idle");
        assertThat(choker.choose(peers, Role.SEED, List.of(), SLOTS).unchoked()).doesNotContain("idle");
    }

    @Test
    void snubbedPeersGetOnlyTheOptimisticSlot() {
        List<PeerView<String>> peers =
                List.of(sender("a", 5), new PeerView<>("s", true, true, 9_000, 0, true, LONG, LONG), sender("b", 3));
        Choice<String> choice = choker.choose(peers, Role.LEECH, List.of(), SLOTS);

        assertThat(choice.unchoked()).containsExactly("a", "b", "s");
        assertThat(choice.optimistic()).containsExactly("s");
    }

    @Test
    void theOptimisticSlotStaysForThirtySeconds() {
        List<PeerView<String>> peers = senders(60);
        for (int second = 0; second < 30; second += 10) {
            Optimistic<String> before = new Optimistic<>("p5", Duration.ofSeconds(second));
            assertThat(choker.choose(peers, Role.LEECH, List.of(before), SLOTS).optimistic())
                    .containsExactly("p5");
        }
        Map<String, Integer> next = new HashMap<>();
        for (int i = 0; i < 200; i++) {
            Optimistic<String> before = new Optimistic<>("p5", Duration.ofSeconds(30));
            next.merge(
                    choker.choose(peers, Role.LEECH, List.of(before), SLOTS)
                            .optimistic()
                            .getFirst(),
                    1,
                    Integer::sum);
        }
        assertThat(next).hasSizeGreaterThan(30);
    }

    @Test
    void theOptimisticSlotGoesOnWhenItsHolderLeavesOrEarnsAnother() {
        List<PeerView<String>> peers = senders(20);
        assertThat(choker.choose(peers, Role.LEECH, List.of(new Optimistic<>("gone", Duration.ZERO)), SLOTS)
                        .optimistic())
                .hasSize(1);
        Choice<String> choice =
                choker.choose(peers, Role.LEECH, List.of(new Optimistic<>("p19", Duration.ZERO)), SLOTS);
        assertThat(choice.optimistic()).hasSize(1).doesNotContain("p19");
        assertThat(choice.unchoked()).hasSize(8).doesNotHaveDuplicates();
    }

    @Test
    void newcomersAreThreeTimesAsLikelyToBeTried() {
        List<PeerView<String>> peers = new ArrayList<>(senders(17)); // seven of them have slots, ten are old
        for (int i = 0; i < 10; i++) {
            peers.add(new PeerView<>("new" + i, true, false, 0, 0, false, Duration.ZERO, Duration.ofSeconds(10)));
        }
        long fresh = 0;
        for (int i = 0; i < 2_000; i++) {
            String tried = choker.choose(peers, Role.LEECH, List.of(), SLOTS)
                    .optimistic()
                    .getFirst();
            fresh += tried.startsWith("new") ? 1 : 0;
        }
        assertThat(fresh).isBetween(1_400L, 1_600L);
    }

    @Test
    void aHigherUploadRateGivesMoreSlots() {
        assertThat(Choker.slots(0)).isEqualTo(8);
        assertThat(Choker.slots(2 << 20)).isEqualTo(16);
        assertThat(Choker.slots(Long.MAX_VALUE)).isEqualTo(Choker.SLOTS_MAX);
    }

    @Test
    void aFifthOfTheSlotsIsOptimistic() {
        List<PeerView<String>> peers = senders(100);
        Choice<String> choice = choker.choose(peers, Role.LEECH, List.of(), 40);
        assertThat(choice.unchoked()).hasSize(40).doesNotHaveDuplicates();
        assertThat(choice.optimistic()).hasSize(8);
        assertThat(choice.unchoked().subList(0, 32)).contains("p99", "p68").doesNotContain("p67");

        List<Optimistic<String>> before = new ArrayList<>();
        for (String holder : choice.optimistic()) {
            before.add(new Optimistic<>(holder, before.size() < 3 ? Duration.ofSeconds(30) : Duration.ofSeconds(10)));
        }
        Choice<String> next = choker.choose(peers, Role.LEECH, before, 40);
        assertThat(next.optimistic())
                .hasSize(8)
                .containsAll(choice.optimistic().subList(3, 8))
                .doesNotHaveDuplicates();
        assertThat(choker.choose(peers, Role.LEECH, List.of(), 1).unchoked()).hasSize(1);
        assertThat(choker.choose(peers, Role.LEECH, List.of(), 0).unchoked()).isEmpty();
    }

    @Test
    void peersThatSendNothingTakeTurns() {
        List<String> names = new ArrayList<>();
        for (int i = 0; i < 28; i++) {
            names.add("p" + i);
        }
        Map<String, Integer> changedAt = new HashMap<>();
        Set<String> unchoked = new HashSet<>(names.subList(0, 8));
        Set<String> served = new HashSet<>(unchoked);
        Map<String, Integer> optimistic = new HashMap<>();
        for (int round = 1; round <= 10; round++) {
            int now = 10 * round;
            List<PeerView<String>> views = new ArrayList<>();
            for (String name : names) {
                Duration inState = Duration.ofSeconds(now - changedAt.getOrDefault(name, 0));
                views.add(new PeerView<>(name, true, false, 0, 0, unchoked.contains(name), inState, LONG));
            }
            List<Optimistic<String>> before = new ArrayList<>();
            optimistic.forEach((name, since) -> before.add(new Optimistic<>(name, Duration.ofSeconds(now - since))));
            Choice<String> choice = choker.choose(views, Role.LEECH, before, SLOTS);
            optimistic.keySet().retainAll(choice.optimistic());
            choice.optimistic().forEach(name -> optimistic.putIfAbsent(name, now));
            for (String name : names) {
                if (choice.unchoked().contains(name) != unchoked.contains(name)) {
                    changedAt.put(name, now);
                }
            }
            unchoked = new HashSet<>(choice.unchoked());
            served.addAll(unchoked);
            assertThat(unchoked).hasSize(8);
        }
        assertThat(served).containsAll(names);
    }

    @Test
    void aSilentPeerKeepsItsSlotForATrial() {
        List<PeerView<String>> peers = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            peers.add(new PeerView<>("new" + i, true, false, 0, 0, true, Duration.ofSeconds(10), LONG));
        }
        peers.add(new PeerView<>("waits", true, false, 0, 0, false, LONG, LONG));
        Choice<String> choice = choker.choose(peers, Role.LEECH, List.of(), SLOTS);
        assertThat(choice.unchoked().subList(0, 7)).doesNotContain("waits");
    }

    /** A seed with 30 takers of different speeds, its clock turned round by round. */
    private static final class Seeding {
        static final class Taker {
            final String name;
            final long rate;
            boolean unchoked;
            Duration since = Duration.ZERO;
            long inTurn;
            long total;

            Taker(String name, long rate) {
                this.name = name;
                this.rate = rate;
            }
        }

        final List<Taker> takers = new ArrayList<>();
        Duration now = Duration.ZERO;

        void round(Choker choker, @Nullable String leaves) {
            takers.removeIf(taker -> taker.name.equals(leaves));
            List<PeerView<String>> views = new ArrayList<>();
            for (Taker each : takers) {
                views.add(new PeerView<>(
                        each.name, true, false, 0, each.inTurn, each.unchoked, now.minus(each.since), now));
            }
            List<String> unchoked =
                    choker.choose(views, Role.SEED, List.of(), SLOTS).unchoked();
            for (Taker each : takers) {
                boolean isChosen = unchoked.contains(each.name);
                if (isChosen != each.unchoked) {
                    each.unchoked = isChosen;
                    each.since = now;
                    each.inTurn = 0;
                }
                if (isChosen) {
                    each.inTurn += each.rate * 10;
                    each.total += each.rate * 10;
                }
            }
            now = now.plus(Choker.ROUND);
        }
    }

    @Test
    void aSeedUnchokesAllInTurn() {
        Seeding seeding = new Seeding();
        for (int i = 0; i < 30; i++) {
            seeding.takers.add(new Seeding.Taker("t" + i, i < 15 ? 2 << 20 : 512 << 10));
        }
        for (int round = 0; round < 6; round++) {
            seeding.round(choker, null);
        }
        assertThat(seeding.takers.stream().filter(taker -> taker.total > 0))
                .as("a turn is a minute at least")
                .hasSize(8);
        for (int round = 0; round < 54; round++) {
            seeding.round(choker, null);
        }
        assertThat(seeding.takers).as("in ten minutes everybody had a turn").allMatch(taker -> taker.total > 0);
    }

    @Test
    void aPeerKeepsItsTurnAtASeedWhileNoneWaits() {
        Seeding seeding = new Seeding();
        for (int i = 0; i < 5; i++) {
            seeding.takers.add(new Seeding.Taker("t" + i, 10 << 20));
        }
        for (int round = 0; round < 100; round++) {
            seeding.round(choker, null);
            assertThat(seeding.takers).allMatch(taker -> taker.unchoked);
        }
    }

    @Test
    void aPeerThatTakesNothingLosesItsTurnAfterAMinute() {
        List<PeerView<String>> peers = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            peers.add(new PeerView<>("idle" + i, true, false, 0, 0, true, Duration.ofSeconds(i == 0 ? 60 : 50), LONG));
        }
        peers.add(new PeerView<>("waits", true, false, 0, 0, false, Duration.ofSeconds(1), LONG));

        assertThat(choker.choose(peers, Role.SEED, List.of(), SLOTS).unchoked())
                .contains("waits")
                .doesNotContain("idle0");
    }
}
