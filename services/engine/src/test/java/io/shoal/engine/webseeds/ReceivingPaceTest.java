package io.shoal.engine.webseeds;

import static org.assertj.core.api.Assertions.assertThat;

import io.shoal.engine.limits.RateTree;
import io.shoal.engine.limits.RateTree.Share;
import io.shoal.engine.net.ManualLoop;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class ReceivingPaceTest {
    private static final int RATE = 256 << 10;

    private final ManualLoop loop = new ManualLoop();
    private final Share share = new RateTree(loop, RATE).share("a");
    private boolean storeKeepsUp = true;
    private int changes;
    private final ReceivingPace pace = new ReceivingPace(loop, share, () -> storeKeepsUp, () -> changes++);

    @Test
    void aReadIsPaidBeforeTheNextOne() {
        loop.turn(Duration.ofSeconds(1));
        long read = 0;
        for (int i = 0; i < 1_000; i++) {
            if (!pace.isPaused()) {
                pace.received(64 << 10);
                read += 64 << 10;
            }
            loop.turn(Duration.ofMillis(10));
        }
        assertThat(read).isBetween(9L * RATE, 11L * RATE);
    }

    @Test
    void nothingIsReadWhileTheStoreIsBehind() {
        storeKeepsUp = false;
        pace.received(1);
        assertThat(pace.isPaused()).isTrue();
        loop.turn(Duration.ofSeconds(5));
        assertThat(pace.isPaused()).isTrue();
        storeKeepsUp = true;
        loop.turn(Duration.ofSeconds(1));
        assertThat(pace.isPaused()).isFalse();
        assertThat(changes).isEqualTo(2);
    }

    /** One that ends in debt pays it, and one that ends with a grant gives it back: the rate stays what it is. */
    @Test
    void theEndLeavesTheRateAsItIs() {
        loop.turn(Duration.ofSeconds(1));
        pace.received(RATE);
        pace.end();
        assertThat(pace.isPaused()).isFalse();
        assertThat(share.tryTake()).as("a second's bytes were read").isFalse();
        loop.turn(Duration.ofMillis(1_100));
        assertThat(share.tryTake()).isTrue();
    }
}
