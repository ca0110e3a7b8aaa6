package io.shoal.bench.control;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class PercentilesTest {
    @Test
    void whatNeverEndedIsTheSlowest() {
        double[] times = IntStream.rangeClosed(1, 100)
                .mapToDouble(i -> i <= 98 ? i : Double.POSITIVE_INFINITY)
                .toArray();

        assertThat(Percentiles.of(times).at(0.5)).isEqualTo(50);
        assertThat(Percentiles.of(times).at(0.98)).isEqualTo(98);
        assertThat(Percentiles.of(times).at(0.99)).isInfinite();
    }

    @Test
    void nothingIsNoGoodTime() {
        assertThat(Percentiles.of(new double[0]).at(0.99)).isInfinite();
    }
}
