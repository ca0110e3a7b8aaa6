package io.shoal.swarm.slots;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The lending of slots, on a clock that the test advances. */
class SlotsTest {
    private static final String ANNE = "anne";
    private static final String BERT = "bert";

    private long now;

    private Slots slots(int count) {
        return new Slots(count, () -> now);
    }

    private void pass(Duration time) {
        now += time.toNanos();
    }

    /** A torrent, which remembers how it was notified. */
    private static final class Borrower implements Slots.Borrower {
        final Slots.Share share;
        final List<Loan> held = new ArrayList<>();
        int offers;
        int asks;

        Borrower(Slots slots, String owner) {
            share = slots.share(owner, this);
        }

        @Override
        public void offered() {
            offers++;
        }

        @Override
        public void drain() {
            asks++;
        }

        boolean acquire(int wanted, boolean helps) {
            List<Loan> loans = share.acquire(wanted, helps);
            if (loans != null) {
                loans.forEach(Loan::fill);
                held.addAll(loans);
            }
            return loans != null;
        }

        /** Acquires a slot to open a segment. */
        boolean acquire() {
            return acquire(1, false);
        }

        void release() {
            held.removeLast().release();
        }

        void receive(int bytes) {
            held.forEach(loan -> loan.received(bytes));
        }

        boolean isAsked() {
            return held.stream().anyMatch(Loan::isDraining);
        }
    }

    private static List<Borrower> borrowers(Slots slots, String owner, int count) {
        return IntStream.range(0, count)
                .mapToObj(i -> new Borrower(slots, owner))
                .toList();
    }

    /** {@code count} torrents that hold a slot each. */
    private static List<Borrower> holders(Slots slots, String owner, int count) {
        List<Borrower> holders = borrowers(slots, owner, count);
        assertThat(holders).allMatch(Borrower::acquire);
        return holders;
    }

    /** A torrent that was refused a slot. */
    private static Borrower waiting(Slots slots, String owner) {
        Borrower waiting = new Borrower(slots, owner);
        assertThat(waiting.acquire()).isFalse();
        return waiting;
    }

    /** Time passes in which each torrent receives so many bytes a second in each of its slots. */
    private void run(Slots slots, Duration time, Map<Borrower, Integer> rates) {
        for (long second = 0; second < time.toSeconds(); second++) {
            pass(Duration.ofSeconds(1));
            rates.forEach(Borrower::receive);
            slots.review();
        }
    }

    private static Map<Borrower, Integer> all(Collection<Borrower> borrowers, int rate) {
        Map<Borrower, Integer> rates = new HashMap<>();
        borrowers.forEach(each -> rates.put(each, rate));
        return rates;
    }

    private static List<Borrower> asked(Collection<Borrower> borrowers) {
        return borrowers.stream().filter(Borrower::isAsked).toList();
    }

    // ---- Free slots

    @Test
    void allRequestedSlotsOrNone() {
        Slots slots = slots(20);
        Borrower borrower = new Borrower(slots, ANNE);
        assertThat(borrower.acquire(17, false)).isTrue();
        assertThat(borrower.acquire(2, false)).isFalse();
        assertThat(slots.free()).isEqualTo(3);
    }

    @Test
    void theLastTenthIsForOpenSegments() {
        Slots slots = slots(20);
        Borrower borrower = new Borrower(slots, ANNE);
        assertThat(borrower.acquire(18, false)).isTrue();
        assertThat(borrower.acquire()).isFalse();
        assertThat(borrower.acquire(2, true)).isTrue();
    }

    @Test
    void oneTorrentIsNotifiedOfAFreeSlotAndItIsTheOneThatWaitsLongest() {
        Slots slots = slots(10);
        List<Borrower> holders = holders(slots, ANNE, 9);
        List<Borrower> waiting = borrowers(slots, ANNE, 100);
        assertThat(waiting).noneMatch(Borrower::acquire);
        assertThat(slots.waiting()).isEqualTo(100);

        holders.get(0).release();
        assertThat(waiting.stream().mapToInt(each -> each.offers).sum()).isEqualTo(1);
        assertThat(waiting.get(0).offers).isEqualTo(1);
        assertThat(holders.get(0).acquire()).as("not before its turn").isFalse();
        assertThat(waiting.get(1).acquire()).as("not before its turn").isFalse();
        assertThat(waiting.get(0).acquire()).isTrue();
        waiting.get(0).share.endTry();

        holders.get(1).release();
        assertThat(waiting.get(1).offers).isEqualTo(1);
        assertThat(waiting.stream().mapToInt(each -> each.offers).sum()).isEqualTo(2);
    }

    @Test
    void aTorrentTriesOnceAndWhatItDoesNotTakeGoesToTheNext() {
        Slots slots = slots(10);
        List<Borrower> holders = holders(slots, ANNE, 9);
        List<Borrower> waiting = borrowers(slots, ANNE, 3);
        waiting.forEach(Borrower::acquire);
        holders.get(0).release();
        waiting.get(0).share.endTry();
        assertThat(waiting.get(1).offers).isEqualTo(1);
        assertThat(waiting.get(0).share.isWaiting()).isFalse();
        waiting.get(1).share.close();
        assertThat(waiting.get(2).offers).isEqualTo(1);
        assertThat(waiting.get(2).acquire()).isTrue();
        assertThat(slots.waiting()).isZero();
    }

    @Test
    void aPieceThatNeedsManySlotsIsNotOvertaken() {
        Slots slots = slots(20);
        List<Borrower> holders = holders(slots, ANNE, 18);
        Borrower large = new Borrower(slots, ANNE);
        Borrower small = new Borrower(slots, ANNE);
        assertThat(large.acquire(12, false)).isFalse();
        assertThat(small.acquire()).isFalse();
        holders.subList(0, 11).forEach(Borrower::release);
        assertThat(large.offers + small.offers).isZero();
        holders.get(11).release();
        assertThat(large.acquire(12, false)).isTrue();
        assertThat(small.offers).isZero();
        holders.get(12).release();
        assertThat(small.acquire()).isTrue();
    }

    @Test
    void aTorrentThatNeedsMoreThanItIsOfferedKeepsItsPlace() {
        Slots slots = slots(10);
        List<Borrower> holders = holders(slots, ANNE, 9);
        Borrower first = waiting(slots, ANNE);
        Borrower second = waiting(slots, ANNE);
        holders.get(0).release();
        assertThat(first.acquire(2, false)).isFalse();
        first.share.endTry();
        assertThat(second.offers).isZero();
        holders.get(1).release();
        assertThat(first.acquire(2, false)).isTrue();
        assertThat(second.offers).isZero();
    }

    @Test
    void openSegmentsAreServedBeforeNewOnes() {
        Slots slots = slots(10);
        List<Borrower> holders = holders(slots, ANNE, 9);
        Borrower fresh = waiting(slots, ANNE);
        assertThat(holders.get(0).acquire(1, true)).isTrue();
        assertThat(holders.get(1).acquire(1, true)).isFalse();
        holders.get(2).release();
        assertThat(fresh.offers).isZero();
        assertThat(holders.get(1).acquire(1, true)).isTrue();
    }

    // ---- Turns

    @Test
    void aTorrentThatTricklesReturnsItsSlotAfterATurn() {
        Slots slots = slots(24);
        List<Borrower> holders = holders(slots, ANNE, 22);
        Borrower waiting = waiting(slots, ANNE);
        Map<Borrower, Integer> rates = all(holders, 3_000);
        rates.put(holders.get(7), 1_000);
        run(slots, Turns.TURN.minusSeconds(10), rates);
        assertThat(asked(holders)).isEmpty();
        run(slots, Duration.ofSeconds(20), rates);
        assertThat(asked(holders)).as("one for each that waits").containsExactly(holders.get(7));
        assertThat(holders.get(7).asks).isEqualTo(1);
        assertThat(slots.drains()).isEqualTo(1);

        assertThat(holders.get(7).share.keep(holders.get(7).held.getFirst()))
                .as("a new piece")
                .isFalse();
        holders.get(7).release();
        assertThat(waiting.acquire()).isTrue();
        assertThat(holders.get(7).share.isWaiting())
                .as("at the end of the line")
                .isTrue();
    }

    @Test
    void waitingTorrentsTakeTurns() {
        Slots slots = slots(24);
        List<Borrower> torrents = borrowers(slots, ANNE, 60);
        torrents.forEach(Borrower::acquire);
        Map<Borrower, Integer> seconds = new HashMap<>();
        for (int second = 0; second < 3_600; second++) {
            run(slots, Duration.ofSeconds(1), all(torrents, 2_000));
            for (Borrower each : torrents) {
                if (each.isAsked()) {
                    each.release();
                    each.acquire();
                }
                if (each.offers > 0) {
                    each.offers = 0;
                    each.acquire();
                    each.share.endTry();
                }
                seconds.merge(each, each.held.size(), Integer::sum);
            }
        }
        assertThat(torrents).allMatch(each -> Objects.requireNonNull(seconds.get(each)) >= 900);
        assertThat(slots.free()).isEqualTo(2);
    }

    @Test
    void aFastTorrentAloneKeepsAllThatItCanUse() {
        Slots slots = slots(24);
        Borrower alone = new Borrower(slots, ANNE);
        assertThat(alone.acquire(22, false)).isTrue();
        assertThat(alone.acquire()).isFalse();
        run(slots, Duration.ofMinutes(30), Map.of(alone, 1));
        assertThat(alone.isAsked()).isFalse();
        assertThat(slots.drains()).isZero();
    }

    @Test
    void aSlotInWhichNothingHappensGoesToTheSameTorrentToo() {
        Slots slots = slots(24);
        Borrower alone = new Borrower(slots, ANNE);
        alone.acquire(22, false);
        alone.acquire();
        Loan dead = alone.held.get(5);
        for (int second = 0; second < 70; second++) {
            pass(Duration.ofSeconds(1));
            alone.held.stream().filter(loan -> loan != dead).forEach(loan -> loan.received(10));
            slots.review();
        }
        assertThat(alone.held.stream().filter(Loan::isDraining)).containsExactly(dead);
    }

    @Test
    void aFastTorrentGetsSlotsOfSlowOnesButNotTheirLast() {
        Slots slots = slots(24);
        Borrower slow = new Borrower(slots, ANNE);
        Borrower fast = new Borrower(slots, ANNE);
        slow.acquire(2, false);
        fast.acquire(20, false);
        Map<Borrower, Integer> rates = Map.of(slow, 100, fast, 1_000);
        fast.acquire();
        run(slots, Duration.ofMinutes(3), rates);
        assertThat(slow.held.stream().filter(Loan::isDraining)).hasSize(1);
        slow.held.stream().filter(Loan::isDraining).toList().forEach(loan -> {
            slow.held.remove(loan);
            loan.release();
        });
        assertThat(fast.acquire()).isTrue();
        fast.share.endTry();
        fast.acquire();
        run(slots, Duration.ofMinutes(30), rates);
        assertThat(asked(List.of(slow, fast))).isEmpty();
    }

    @Test
    void aSlotIsNotAskedForWhileItsSegmentIsStored() {
        Slots slots = slots(24);
        List<Borrower> holders = holders(slots, ANNE, 22);
        holders.get(3).held.getFirst().store();
        Borrower waiting = waiting(slots, ANNE);
        run(slots, Duration.ofMinutes(5), all(holders, 0));
        assertThat(asked(holders)).as("the stored one is released soon").isEmpty();
        holders.get(3).release();
        assertThat(waiting.acquire()).isTrue();
    }

    @Test
    void aSlotThatIsNotNeededAnyMoreIsKept() {
        Slots slots = slots(24);
        List<Borrower> holders = holders(slots, ANNE, 22);
        Borrower waiting = waiting(slots, ANNE);
        run(slots, Duration.ofMinutes(3), all(holders, 10));
        Borrower asked = asked(holders).getFirst();
        waiting.share.close();
        assertThat(asked.share.keep(asked.held.getFirst())).isTrue();
        assertThat(asked(holders)).isEmpty();
        waiting(slots, ANNE);
        run(slots, Duration.ofMinutes(3), all(holders, 10));
        assertThat(asked(holders)).hasSize(1);
    }

    // ---- Owners

    @Test
    void anotherOwnersTorrentNeedNotWait() {
        Slots slots = slots(24);
        borrowers(slots, ANNE, 100).forEach(Borrower::acquire);
        assertThat(new Borrower(slots, BERT).acquire()).isTrue();
    }

    @Test
    void theOwnerWithTheFewestSlotsIsServedFirst() {
        Slots slots = slots(24);
        List<Borrower> many = borrowers(slots, ANNE, 100);
        many.forEach(Borrower::acquire);
        List<Borrower> few = borrowers(slots, BERT, 3);
        assertThat(few.stream().filter(Borrower::acquire)).hasSize(1);
        many.get(0).release();
        assertThat(few.get(1).offers).as("the reserve is filled up first").isZero();
        many.get(1).release();
        assertThat(few.get(1).acquire()).isTrue();
        many.get(2).release();
        assertThat(few.get(2).acquire()).isTrue();
    }

    @Test
    void anOwnerHasHalfOfTheSlotsIfItNeedsThemHoweverManyTorrentsAnotherHas() {
        Slots slots = slots(24);
        List<Borrower> many = borrowers(slots, ANNE, 100);
        many.forEach(Borrower::acquire);
        Borrower one = new Borrower(slots, BERT);
        for (int minute = 0; minute < 60; minute++) {
            while (one.acquire()) {
                // as many as it gets
            }
            run(slots, Duration.ofMinutes(1), all(many, 5_000));
            for (Borrower each : asked(many)) {
                each.release();
            }
            for (Borrower each : many) {
                if (each.offers > 0) {
                    each.acquire();
                    each.share.endTry();
                    each.offers = 0;
                }
            }
        }
        assertThat(one.held).hasSizeBetween(10, 12);
    }

    @Test
    void openPiecesAreWaitedForUnlessAnotherOwnerHasLess() {
        Slots slots = slots(24);
        List<Borrower> many = holders(slots, ANNE, 22);
        waiting(slots, ANNE);
        run(slots, Duration.ofHours(2), all(many, 10));
        Loan asked = asked(many).getFirst().held.getFirst();
        assertThat(asked.isOverdue(now)).as("its owner's torrents wait").isFalse();

        Borrower another = new Borrower(slots, BERT);
        another.acquire();
        assertThat(another.acquire()).isFalse();
        run(slots, Turns.TURN.minusSeconds(10), all(many, 10));
        assertThat(many).noneMatch(each -> each.held.getFirst().isOverdue(now));
        run(slots, Duration.ofSeconds(20), all(many, 10));
        assertThat(many).anyMatch(each -> each.held.getFirst().isOverdue(now));
    }

    // ---- No slot is lent twice, and no torrent waits beside a free slot

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void whateverHappensFreeSlotsAreOffered(long seed) {
        Random random = new Random(seed);
        Slots slots = slots(20);
        List<Borrower> torrents = new ArrayList<>();
        for (int i = 0; i < 30; i++) {
            torrents.add(new Borrower(slots, "owner " + random.nextInt(5)));
        }
        for (int step = 0; step < 20_000; step++) {
            Borrower one = torrents.get(random.nextInt(torrents.size()));
            switch (random.nextInt(6)) {
                case 0 -> one.acquire(1 + random.nextInt(3), random.nextInt(4) == 0);
                case 1, 2 -> {
                    if (!one.held.isEmpty()) {
                        one.release();
                    }
                }
                case 3 -> {
                    if (!one.held.isEmpty() && one.isAsked()) {
                        one.share.keep(one.held.getFirst());
                    }
                }
                case 4 -> {
                    pass(Duration.ofSeconds(random.nextInt(60)));
                    one.receive(random.nextInt(100_000));
                    slots.review();
                }
                default -> {
                    if (random.nextInt(20) == 0) {
                        one.share.stopWaiting();
                    }
                }
            }
            for (Borrower each : torrents) {
                while (each.offers > 0) {
                    each.offers = 0;
                    if (random.nextInt(4) > 0) {
                        each.acquire(1 + random.nextInt(2), random.nextInt(4) == 0);
                    }
                    each.share.endTry();
                }
            }
            check(slots, torrents);
        }
        torrents.forEach(each -> {
            each.share.close();
            each.held.forEach(Loan::release);
        });
        assertThat(slots.free()).isEqualTo(20);
        assertThat(slots.waiting()).isZero();
    }

    private static void check(Slots slots, List<Borrower> torrents) {
        Set<Integer> lent = new HashSet<>();
        torrents.forEach(each -> each.held.forEach(
                loan -> assertThat(lent.add(loan.slot())).as("lent once").isTrue()));
        assertThat(slots.free()).isEqualTo(slots.count() - lent.size());
        if (torrents.stream().allMatch(each -> each.offers == 0) && slots.free() >= 5) {
            assertThat(slots.waiting())
                    .as("3 slots would suffice, beside the reserve")
                    .isZero();
        }
    }
}
