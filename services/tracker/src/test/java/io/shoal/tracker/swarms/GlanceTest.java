package io.shoal.tracker.swarms;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

class GlanceTest {
    private static final int LIFETIME = 1_000;

    private final Swarms swarms = new Swarms(new Terms(LIFETIME, LIFETIME, 1 << 20), 3);
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
        Glance glance = swarms.glance();
        glance.add(key(1), SwarmsTest.v4(1), 1_000);
        glance.look();
        assertThat(glance.seen()).isZero();

        announce(1, 1, Event.STARTED, 5);
        glance.add(key(1), SwarmsTest.v4(1), 1_000);
        glance.look();
        assertThat(glance.seen()).isNotZero();
    }

    /** Others announce, swarms grow into crowds and shrink, are freed and made again: it never stumbles. */
    @Test
    void withoutALockItDoesAndTakesNoHarm() throws Exception {
        AtomicBoolean done = new AtomicBoolean();
        CountDownLatch begun = new CountDownLatch(1);
        CompletableFuture<Long> glances = CompletableFuture.supplyAsync(() -> {
            SplittableRandom random = new SplittableRandom(9);
            Glance glance = swarms.glance();
            long sum = 0;
            while (!done.get()) {
                for (int i = 0; i < Glance.MOST; i++) {
                    glance.add(key(random.nextInt(40)), SwarmsTest.v4(random.nextInt(2_000)), 1_000);
                }
                glance.look();
                sum += glance.seen();
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
        assertThat(glances.get()).isNotZero();
        now += 2 * LIFETIME;
        swarms.expire(now);
        assertThat(swarms.census()).isEqualTo(Census.NOBODY);
    }
}
