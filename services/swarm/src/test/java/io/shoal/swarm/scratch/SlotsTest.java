package io.shoal.swarm.scratch;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class SlotsTest {
    private final AtomicInteger told = new AtomicInteger();

    @Test
    void allThatIsAskedForOrNothing() {
        Slots slots = new Slots(20);
        Slots.Share share = slots.share(told::incrementAndGet);
        assertThat(share.take(17, false)).hasSize(17);
        assertThat(share.take(2, false)).isNull();
        assertThat(slots.free()).isEqualTo(3);
    }

    @Test
    void theLastTenthIsForSegmentsThatAreBegun() {
        Slots slots = new Slots(20);
        Slots.Share share = slots.share(told::incrementAndGet);
        assertThat(share.take(18, false)).isNotNull();
        assertThat(slots.scarce()).isTrue();
        assertThat(share.take(1, false)).isNull();
        assertThat(share.take(2, true)).hasSize(2);
    }

    @Test
    void whileAnotherWaitsNobodyGetsMoreThanHalf() {
        Slots slots = new Slots(20);
        Slots.Share greedy = slots.share(() -> {});
        Slots.Share late = slots.share(told::incrementAndGet);
        int[] taken = Objects.requireNonNull(greedy.take(18, false));
        assertThat(late.take(1, false)).isNull();
        assertThat(late.waits()).isTrue();
        for (int slot : taken) {
            greedy.give(slot);
        }
        assertThat(told).as("who waits hears of every slot").hasValue(18);
        assertThat(greedy.take(10, false)).isNotNull();
        assertThat(greedy.take(1, false)).isNull();
        assertThat(late.take(1, false)).isNotNull();
        assertThat(greedy.waits()).isTrue();
    }

    @Test
    void onePieceThatNeedsMoreThanHalfIsServedNevertheless() {
        Slots slots = new Slots(20);
        Slots.Share other = slots.share(() -> {});
        int[] all = Objects.requireNonNull(other.take(18, false));
        Slots.Share large = slots.share(() -> {});
        assertThat(large.take(12, false)).isNull();
        for (int slot : all) {
            other.give(slot);
        }
        assertThat(other.take(1, false)).isNotNull();
        assertThat(large.take(12, false)).hasSize(12);
    }
}
