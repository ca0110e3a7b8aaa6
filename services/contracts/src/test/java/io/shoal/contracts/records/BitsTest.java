package io.shoal.contracts.records;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.shoal.contracts.records.Wanted.Priority;
import java.util.BitSet;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** The two packed sets in records: segments, and how much files are wanted. */
class BitsTest {
    @Test
    void aSetIsReadAsItWasWritten() {
        for (int seed = 0; seed < 500; seed++) {
            Random random = new Random(seed);
            BitSet set = new BitSet();
            for (int i = random.nextInt(50); i > 0; i--) {
                set.set(random.nextInt(10_000));
            }
            Bits bits = Bits.of(set);
            assertThat(Bits.parse(bits.text())).isEqualTo(bits).hasSameHashCodeAs(bits);
            assertThat(bits.toBitSet()).isEqualTo(set);
            assertThat(bits.size()).isEqualTo(set.cardinality());
        }
    }

    @Test
    void theLowestNumberIsTheLowestBitOfTheFirstByte() {
        Bits bits = Bits.parse("BQE=");

        assertThat(bits.toBitSet().stream()).containsExactly(0, 2, 8);
        assertThat(bits.contains(2)).isTrue();
        assertThat(bits.contains(1)).isFalse();
        assertThat(Bits.NONE.text()).isEmpty();
        assertThat(Bits.parse("BQEAAA==")).as("zeros at the end do not count").isEqualTo(bits);
    }

    @Test
    void nobodyChangesASetFromOutside() {
        BitSet set = BitSet.valueOf(new long[] {5});
        Bits bits = Bits.of(set);
        set.clear();
        bits.toBitSet().clear();

        assertThat(bits.size()).isEqualTo(2);
    }

    @Test
    void aMillionSegmentsFitARecord() {
        BitSet all = new BitSet();
        all.set(0, 1 << 20);

        assertThat(Bits.of(all).text().length()).isLessThan(200_000);
    }

    @Test
    void prioritiesAreReadAsTheyWereWritten() {
        for (int seed = 0; seed < 500; seed++) {
            Random random = new Random(seed);
            List<Priority> all = List.of(Priority.values());
            Priority[] files = new Priority[1 + random.nextInt(40)];
            for (int i = 0; i < files.length; i++) {
                files[i] = all.get(random.nextInt(4));
            }
            Wanted wanted = Wanted.of(files);
            Wanted read = Wanted.parse(wanted.text());
            assertThat(read).isEqualTo(wanted).hasSameHashCodeAs(wanted);
            for (int i = 0; i < files.length; i++) {
                assertThat(read.of(i)).as("seed %d file %d", seed, i).isEqualTo(files[i]);
                assertThat(read.isWanted(i)).isEqualTo(files[i] != Priority.SKIP);
            }
        }
    }

    @Test
    void nothingSaidMeansEveryFile() {
        assertThat(Wanted.ALL.text()).isEmpty();
        assertThat(Wanted.parse("")).isEqualTo(Wanted.ALL);
        assertThat(Wanted.of(new Priority[] {Priority.NORMAL, Priority.NORMAL})).isEqualTo(Wanted.ALL);
        assertThat(Wanted.ALL.of(99_999)).isEqualTo(Priority.NORMAL);
    }

    @Test
    void noFileWantedIsNotTheSameAsNothingSaid() {
        Wanted none = Wanted.of(new Priority[] {Priority.SKIP});

        assertThat(none).isNotEqualTo(Wanted.ALL);
        assertThat(Wanted.parse(none.text()).isWanted(0)).isFalse();
        assertThat(none.isWanted(1_000)).as("beyond those that were named").isFalse();
        assertThat(Wanted.parse("Iw==").of(0)).isEqualTo(Priority.HIGH);
        assertThat(Wanted.parse("Iw==").of(1)).isEqualTo(Priority.SKIP);
        assertThat(Wanted.parse("Iw==").of(2)).isEqualTo(Priority.NORMAL);
    }

    @Test
    void whatIsNoBase64IsRefused() {
        assertThatThrownBy(() -> Bits.parse("***")).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> Wanted.parse("a")).isInstanceOf(IllegalArgumentException.class);
    }
}
