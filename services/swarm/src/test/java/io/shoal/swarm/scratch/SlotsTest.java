package io.shoal.swarm.scratch;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class SlotsTest {
    private final AtomicInteger notified = new AtomicInteger();

    @Test
    void allRequestedSlotsOrNone() {
        Slots slots = new Slots(20);
        Slots.Share share = slots.share(notified::incrementAndGet);
        assertThat(share.acquire(17, false)).hasSize(17);
        assertThat(share.acquire(2, false)).isNull();
        assertThat(slots.free()).isEqualTo(3);
    }

    @Test
    void theLastTenthIsForOpenSegments() {
        Slots slots = new Slots(20);
        Slots.Share share = slots.share(notified::incrementAndGet);
        assertThat(share.acquire(18, false)).isNotNull();
        assertThat(slots.isScarce()).isTrue();
        assertThat(share.acquire(1, false)).isNull();
        assertThat(share.acquire(2, true)).hasSize(2);
    }

    @Test
    void whileAnotherWaitsNoTorrentGetsMoreThanHalf() {
        Slots slots = new Slots(20);
        Slots.Share greedy = slots.share(() -> {});
        Slots.Share late = slots.share(notified::incrementAndGet);
        int[] taken = Objects.requireNonNull(greedy.acquire(18, false));
        assertThat(late.acquire(1, false)).isNull();
        assertThat(late.isWaiting()).isTrue();
        for (int slot : taken) {
            greedy.release(slot);
        }
        assertThat(notified).as("who waits hears of every slot").hasValue(18);
        assertThat(greedy.acquire(10, false)).isNotNull();
        assertThat(greedy.acquire(1, false)).isNull();
        assertThat(late.acquire(1, false)).isNotNull();
        assertThat(greedy.isWaiting()).isTrue();
    }

    @Test
    void onePieceThatNeedsMoreThanHalfIsServedNevertheless() {
        Slots slots = new Slots(20);
        Slots.Share other = slots.share(() -> {});
        int[] all = Objects.requireNonNull(other.acquire(18, false));
        Slots.Share large = slots.share(() -> {});
        assertThat(large.acquire(12, false)).isNull();
        for (int slot : all) {
            other.release(slot);
        }
        assertThat(other.acquire(1, false)).isNotNull();
        assertThat(large.acquire(12, false)).hasSize(12);
    }
}
