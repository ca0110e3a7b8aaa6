package io.shoal.tracker.swarms;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

class PrefetchTest {
    private static final int LIFETIME = 1_000;

    private final Swarms swarms = new Swarms(new SwarmLimits(LIFETIME, LIFETIME, 1 << 20), 3);
    private final Reply reply = new Reply();

    private static SwarmKey key(int torrent) {
        return new SwarmKey(torrent, 2, 3);
    }

    private void announce(int torrent, int host, Event event, long now) {
        swarms.announce(
                new Announce(key(torrent), SwarmsTest.v4(host), 1_000, host, 0, 0, 5, event, 10, false, now), reply);
    }

    @Test
    void itSeesTheMemoryOfWhatIsThere() {
        Prefetch prefetch = swarms.prefetch();
        prefetch.add(key(1), SwarmsTest.v4(1), 1_000);
        prefetch.run();
        assertThat(prefetch.checksum()).isZero();

        announce(1, 1, Event.STARTED, 5);
        prefetch.add(key(1), SwarmsTest.v4(1), 1_000);
        prefetch.run();
        assertThat(prefetch.checksum()).isNotZero();
    }

    /** Others announce, swarms grow large and shrink, are freed and made again: it never stumbles. */
    @Test
    void withoutALockItDoesAndTakesNoHarm() throws Exception {
        AtomicBoolean done = new AtomicBoolean();
        CountDownLatch begun = new CountDownLatch(1);
        CompletableFuture<Long> checksums = CompletableFuture.supplyAsync(() -> {
            SplittableRandom random = new SplittableRandom(9);
            Prefetch prefetch = swarms.prefetch();
            long sum = 0;
            while (!done.get()) {
                for (int i = 0; i < Prefetch.MOST; i++) {
                    prefetch.add(key(random.nextInt(40)), SwarmsTest.v4(random.nextInt(2_000)), 1_000);
                }
                prefetch.run();
                sum += prefetch.checksum();
                begun.countDown();
            }
            return sum;
        });
        assertThat(begun.await(30, TimeUnit.SECONDS)).isTrue();
        SplittableRandom random = new SplittableRandom(8);
        long now = 0;
        for (int round = 0; round < 30; round++) {
            int torrents = 1 + random.nextInt(40);
            for (int i = 0; i < 5_000; i++) {
                Event event = random.nextInt(5) == 0 ? Event.STOPPED : Event.NONE;
                announce(random.nextInt(torrents), random.nextInt(2_000), event, now);
            }
            now += LIFETIME / 2 + random.nextInt(LIFETIME);
            swarms.expire(now);
        }
        done.set(true);
        assertThat(checksums.get()).isNotZero();
        now += 2 * LIFETIME;
        swarms.expire(now);
        assertThat(swarms.totals()).isEqualTo(SwarmTotals.NONE);
    }
}
