package io.shoal.storage.serving;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.junit.jupiter.api.Test;

class ByteRangeTest {
    @Test
    void everyRangeSelectsWhatAPlainReadingOfTheRfcSelects() {
        Random random = new Random(14);
        for (int round = 0; round < 20_000; round++) {
            long length = random.nextInt(1, 40);
            long a = random.nextInt(50);
            long b = random.nextInt(50);
            switch (random.nextInt(3)) {
                case 0 -> check("bytes=" + a + "-" + b, length, a, Math.min(b, length - 1), a <= b);
                case 1 -> check("bytes=" + a + "-", length, a, length - 1, true);
                default -> check("bytes=-" + b, length, b == 0 ? length : Math.max(0, length - b), length - 1, true);
            }
        }
    }

    private static void check(String header, long length, long first, long last, boolean valid) {
        ByteRange range = ByteRange.of(header, length);
        if (!valid) {
            assertThat(range).as(header).isEqualTo(new ByteRange.Whole(length));
        } else if (first >= length) {
            assertThat(range).as(header).isEqualTo(new ByteRange.Unsatisfiable(length));
        } else {
            assertThat(range).as(header).isEqualTo(new ByteRange.Part(first, last + 1, length));
        }
    }

    @Test
    void hugeNumbersAreJustFarAway() {
        String huge = "9".repeat(400);
        assertThat(ByteRange.of("bytes=3-" + huge, 10)).isEqualTo(new ByteRange.Part(3, 10, 10));
        assertThat(ByteRange.of("bytes=-" + huge, 10)).isEqualTo(new ByteRange.Part(0, 10, 10));
        assertThat(ByteRange.of("bytes=" + huge + "-", 10)).isEqualTo(new ByteRange.Unsatisfiable(10));
        assertThat(ByteRange.of("bytes=" + "0".repeat(400) + "1-2", 10)).isEqualTo(new ByteRange.Part(1, 3, 10));
    }

    @Test
    void withoutARangeTheWholeIsMeant() {
        assertThat(ByteRange.of(null, 10)).isEqualTo(new ByteRange.Whole(10));
        assertThat(ByteRange.of("bytes=0-", 0)).isEqualTo(new ByteRange.Whole(0));
    }
}
