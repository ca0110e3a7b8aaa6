package io.shoal.engine.dialing;

import static org.assertj.core.api.Assertions.assertThat;

import io.shoal.engine.limits.EngineLimits;
import io.shoal.engine.net.Loop;
import io.shoal.engine.net.ManualLoop;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;

class DialPaceTest {
    private final ManualLoop loop = new ManualLoop();
    private final DialPace pace = new DialPace(loop);
    private final List<String> dials = new ArrayList<>();

    /** A torrent that dials as long as it has addresses; its dials stay half open. */
    private final class Torrent implements DialPace.Dialler {
        private final String owner;
        private int addresses;

        Torrent(String owner, int addresses) {
            this.owner = owner;
            this.addresses = addresses;
            pace.request(this);
        }

        @Override
        public String owner() {
            return owner;
        }

        @Override
        public Loop loop() {
            return loop;
        }

        @Override
        public boolean dial() {
            if (addresses == 0) {
                return false;
            }
            addresses--;
            dials.add(owner);
            return true;
        }
    }

    @Test
    void noMoreAreHalfOpenThanTheBound() {
        new Torrent("a", 10_000);
        loop.turn(Duration.ofMinutes(5));
        assertThat(dials).hasSize(EngineLimits.DIALS_HALF_OPEN);
        pace.ended();
        pace.ended();
        loop.turn(Duration.ofMinutes(5));
        assertThat(dials).hasSize(EngineLimits.DIALS_HALF_OPEN + 2);
    }

    @Test
    void ownersTakeTurnsHoweverManyTorrentsTheyHave() {
        for (int i = 0; i < 100; i++) {
            new Torrent("many", 10);
        }
        new Torrent("one", 60);
        loop.turn(Duration.ofSeconds(2));
        assertThat(Collections.frequency(dials, "one"))
                .isBetween(dials.size() / 2 - EngineLimits.DIALS_PER_SECOND / 2, dials.size() / 2 + 1);
    }

    @Test
    void aTurnThatIsNotUsedCostsNothing() {
        for (int i = 0; i < 1_000; i++) {
            new Torrent("none", 0);
        }
        new Torrent("one", 30);
        loop.turn(Duration.ofMillis(100));
        assertThat(dials).hasSize(30);
        new Torrent("late", 1);
        loop.turn(Duration.ofMillis(800));
        assertThat(dials).doesNotContain("late");
        loop.turn(Duration.ofMillis(200));
        assertThat(dials).contains("late");
    }
}
