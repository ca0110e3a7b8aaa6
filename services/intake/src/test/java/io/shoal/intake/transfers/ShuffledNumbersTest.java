package io.shoal.intake.transfers;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashSet;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ShuffledNumbersTest {
    @Test
    void numbersStayDistinctAndPositiveAndFollowFromTheText() {
        ShuffledNumbers numbers = new ShuffledNumbers("tenant\nlabel");
        Set<Integer> seen = new HashSet<>();
        IntStream.rangeClosed(1, 20_000).map(numbers::of).forEach(number -> {
            assertThat(number).isPositive();
            assertThat(seen.add(number)).isTrue();
        });
        assertThat(numbers.of(Integer.MAX_VALUE)).isPositive();
        assertThat(new ShuffledNumbers("tenant\nlabel").of(7)).isEqualTo(numbers.of(7));
        assertThat(new ShuffledNumbers("tenant\nother").of(7)).isNotEqualTo(numbers.of(7));
    }
}
