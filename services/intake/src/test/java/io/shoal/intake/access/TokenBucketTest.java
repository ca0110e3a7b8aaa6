package io.shoal.intake.access;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

/** A limit's burst at once, then its rate. */
class TokenBucketTest {
    private static final long SECOND = 1_000_000_000;
    private static final long START = 5 * SECOND;

    private final RequestLimit limit = new RequestLimit(2, 3);
    private final TokenBucket bucket = new TokenBucket(START);

    @Test
    void aFullBucketAllowsTheBurstAndThenRefuses() {
        assertThat(bucket.take(limit, START))
                .isEqualTo(new LimitStatus(true, limit, 2, Duration.ofMillis(500), Duration.ZERO));
        assertThat(bucket.take(limit, START).remaining()).isEqualTo(1);
        assertThat(bucket.take(limit, START).remaining()).isZero();
        LimitStatus refused = new LimitStatus(false, limit, 0, Duration.ofMillis(1_500), Duration.ofMillis(500));
        assertThat(bucket.take(limit, START)).isEqualTo(refused);
        assertThat(bucket.take(limit, START))
                .as("a refused request takes nothing")
                .isEqualTo(refused);
    }

    @Test
    void itIsFilledAtTheRateUpToTheBurst() {
        for (int request = 0; request < 3; request++) {
            bucket.take(limit, START);
        }
        assertThat(bucket.take(limit, START + SECOND / 2).allowed()).isTrue();
        assertThat(bucket.take(limit, START + SECOND / 2).allowed()).isFalse();
        assertThat(bucket.take(limit, START + 3600 * SECOND).remaining()).isEqualTo(2);
    }

    @Test
    void aLowerLimitHoldsAtOnce() {
        bucket.take(limit, START);
        RequestLimit lower = new RequestLimit(0.1, 1);
        assertThat(bucket.take(lower, START + SECOND).remaining()).isZero();
        assertThat(bucket.take(lower, START + SECOND).retryAfter()).isEqualTo(Duration.ofSeconds(10));
    }

    @Test
    void replicasShareALimit() {
        assertThat(new RequestLimit(50, 200).shareOf(4)).isEqualTo(new RequestLimit(12.5, 50));
        assertThat(new RequestLimit(1, 2).shareOf(10)).isEqualTo(new RequestLimit(0.1, 1));
    }
}
