package io.shoal.engine.limits;

import static org.assertj.core.api.Assertions.assertThat;

import io.shoal.engine.limits.RateTree.Share;
import io.shoal.engine.limits.RateTree.Waiter;
import io.shoal.engine.net.Loop;
import io.shoal.engine.net.ManualLoop;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class RateTreeTest {
    private static final long MIB = 1 << 20;

    private final ManualLoop loop = new ManualLoop();

    /** A peer with more to move than it ever may. */
    private final class Greedy implements Waiter {
        final Share share;
        long moved;
        Duration last = Duration.ZERO;
        Duration longestPause = Duration.ZERO;

        Greedy(Share share) {
            this.share = share;
            share.await(this);
        }

        @Override
        public Loop loop() {
            return loop;
        }

        @Override
        public void granted() {
            moved += RateTree.QUANTUM;
            Duration pause = loop.now().minus(last);
            longestPause = pause.compareTo(longestPause) > 0 ? pause : longestPause;
            last = loop.now();
            share.await(this);
        }
    }

    private List<Greedy> peers(Share share, int count) {
        List<Greedy> peers = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            peers.add(new Greedy(share));
        }
        return peers;
    }

    private static long moved(List<Greedy> peers) {
        return peers.stream().mapToLong(peer -> peer.moved).sum();
    }

    private static void assertAbout(long actual, long expected) {
        assertThat(actual).isBetween(expected * 9 / 10, expected * 11 / 10);
    }

    @Test
    void twoHundredPeersNeitherBurstNorStall() {
        RateTree tree = new RateTree(loop, MIB);
        List<Greedy> peers = peers(tree.share("a"), 200);
        long before = 0;
        for (int second = 0; second < 60; second++) {
            loop.turn(Duration.ofSeconds(1));
            assertAbout(moved(peers) - before, MIB);
            before = moved(peers);
        }
        for (Greedy peer : peers) {
            assertAbout(peer.moved, 60 * MIB / 200);
            assertThat(peer.longestPause).isLessThan(Duration.ofSeconds(4));
        }
    }

    @Test
    void ownersShareWhateverTheNumberOfTheirTorrentsAndPeers() {
        RateTree tree = new RateTree(loop, MIB);
        List<Greedy> few = peers(tree.share("a"), 1);
        List<Greedy> many = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            many.addAll(peers(tree.share("b"), 10));
        }
        loop.turn(Duration.ofSeconds(30));

        assertAbout(moved(few), 15 * MIB);
        assertAbout(moved(many), 15 * MIB);
    }

    @Test
    void aTorrentKeepsItsOwnRateAndOthersUseTheRest() {
        RateTree tree = new RateTree(loop, MIB);
        Share slow = tree.share("a");
        slow.setRate(MIB / 10);
        List<Greedy> slowPeers = peers(slow, 5);
        List<Greedy> rest = peers(tree.share("a"), 5);
        loop.turn(Duration.ofSeconds(30));

        assertAbout(moved(slowPeers), 3 * MIB);
        assertAbout(moved(rest), 27 * MIB);
    }

    @Test
    void aLowRateIsKeptOverTime() {
        RateTree tree = new RateTree(loop, 0);
        Share share = tree.share("a");
        share.setRate(1_000);
        List<Greedy> peers = peers(share, 3);
        loop.turn(Duration.ofMinutes(10));

        assertThat(moved(peers)).isBetween(500_000L, 600_000L + 2 * RateTree.QUANTUM);
    }

    @Test
    void withoutARateNoPeerWaits() {
        RateTree tree = new RateTree(loop, 0);
        Share share = tree.share("a");

        assertThat(share.isLimited()).isFalse();
        for (int i = 0; i < 1_000; i++) {
            assertThat(share.tryTake()).isTrue();
        }
        share.setRate(5);
        assertThat(share.isLimited()).isTrue();
        assertThat(new RateTree(loop, 1).share("a").isLimited()).isTrue();
    }

    @Test
    void aTurnIsTakenAtOnceOnlyIfNoOtherWaits() {
        RateTree tree = new RateTree(loop, MIB);
        Share share = tree.share("a");
        loop.turn(Duration.ofSeconds(1));
        assertThat(share.tryTake()).isTrue();
        new Greedy(tree.share("b"));
        assertThat(share.tryTake()).isFalse();
    }

    @Test
    void whatWasNotUsedIsGivenBackAndWhatFlowedUnaskedIsPaid() {
        RateTree tree = new RateTree(loop, MIB);
        Share share = tree.share("a");
        loop.turn(Duration.ofSeconds(1));
        int taken = 0;
        for (; share.tryTake(); taken++) {
            share.refund(taken % 2 == 0 ? RateTree.QUANTUM : 0);
        }
        assertThat(taken).isGreaterThan((int) (2 * (MIB / 10) / RateTree.QUANTUM));
        share.charge((int) MIB);
        loop.turn(Duration.ofMillis(900));
        assertThat(share.tryTake()).isFalse();
        loop.turn(Duration.ofMillis(300));
        assertThat(share.tryTake()).isTrue();
    }

    @Test
    void oneThatLeavesIsNotGranted() {
        RateTree tree = new RateTree(loop, MIB);
        Share share = tree.share("a");
        Greedy gone = new Greedy(share);
        share.cancel(gone);
        Share closed = tree.share("a");
        Greedy closing = new Greedy(closed);
        closed.close();
        closed.close();
        List<Greedy> stays = peers(tree.share("a"), 1);
        loop.turn(Duration.ofSeconds(10));

        assertThat(gone.moved).isZero();
        assertThat(closing.moved).isZero();
        assertAbout(moved(stays), 10 * MIB);
    }

    @Test
    void aChangedRateIsKeptFromThenOn() {
        RateTree tree = new RateTree(loop, 0);
        Share share = tree.share("a");
        share.setRate(MIB);
        List<Greedy> peers = peers(share, 10);
        loop.turn(Duration.ofSeconds(10));
        long before = moved(peers);
        share.setRate(MIB / 4);
        loop.turn(Duration.ofSeconds(20));

        assertAbout(moved(peers) - before, 5 * MIB);
    }
}
